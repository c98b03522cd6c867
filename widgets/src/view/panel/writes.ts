/** The in-place writes that a saved variable's memory saw after it was saved: what its backward will raise about. */
import type { Saved, Write } from '../../generated/document.js';
import { el } from '../dom.js';
import { placeLink } from '../place.js';
import type { PanelContext } from './context.js';

export function writesSince(context: PanelContext, row: Saved): HTMLElement[] {
  const writes = context.model.writesSince(row);
  if (!writes.length) return [];
  return [
    el(
      'div',
      { class: 'ts-writes' },
      el('div', { class: 'ts-muted' }, 'Written since it was saved'),
      el('ol', { class: 'ts-hooks' }, ...writes.map(write => item(context, write))),
    ),
  ];
}

function item({ model, go }: PanelContext, write: Write): HTMLElement {
  const name = model.tensors.get(write.tensor)?.name;
  const place = model.place(write.site);
  return el(
    'li',
    {},
    el('span', { class: 'ts-muted' }, write.version === undefined ? '' : `v${write.version}`),
    el('span', {}, el('b', {}, write.name), el('span', { class: 'ts-muted' }, name ? ` on ${name}` : '')),
    el('span', { class: 'ts-muted' }, place && placeLink(place, go)),
  );
}
