/** What keeps a tensor or a node alive: asked of the kernel when a person wants to know. */
import type { Link, Owner, Ref } from '../../generated/document.js';
import * as format from '../../document/format.js';
import { RequestError } from '../../live/host.js';
import type { OwnersAnswer } from '../../live/protocol.js';
import { el, type Content } from '../dom.js';
import type { PanelContext } from './context.js';

export function ownersSection(context: PanelContext, on: Ref): HTMLElement | undefined {
  const { state } = context.host;
  if (state !== 'live' && state !== 'busy') return undefined;
  const body = el('div', { class: 'ts-stat ts-muted' });
  const press = async (): Promise<void> => {
    button.disabled = true;
    try {
      const { result } = await context.ask<OwnersAnswer>('why_alive', { on });
      if (context.shown()) holder.replaceChildren(...answer(context, result));
    } catch (error) {
      if (!context.shown()) return;
      const code = error instanceof RequestError ? error.code : 'failed';
      body.textContent =
        code === 'gone' ? 'Gone: nothing does.' : error instanceof Error ? error.message : '';
      button.disabled = false;
    }
  };
  const button = el(
    'button',
    { type: 'button', class: 'ts-button', onclick: () => void press() },
    'What keeps it alive?',
  );
  const holder = el('div', {}, button, body);
  return el('section', { class: 'ts-owners-section' }, el('h4', {}, 'Owners'), holder);
}

function answer(context: PanelContext, { owners, complete }: OwnersAnswer): HTMLElement[] {
  const rest = complete
    ? []
    : [el('p', { class: 'ts-muted' }, 'There may be more: the search was cut short.')];
  if (!owners.length) return [el('p', { class: 'ts-muted' }, 'No name in the program leads to it.'), ...rest];
  return [
    el('ol', { class: 'ts-hooks ts-owners' }, ...owners.map((owner, i) => item(context, owner, i))),
    ...rest,
  ];
}

/** What lived when the document was made, and what kept the most of it. */
export function censusSection(context: PanelContext): HTMLElement | undefined {
  const { census } = context.model.document;
  if (!census) return undefined;
  const most = (census.owners ?? []).filter(owner => owner.nodes || owner.bytes);
  return el(
    'section',
    { class: 'ts-census-section' },
    el('h4', {}, 'Alive in the kernel then', el('span', {}, format.bytes(census.bytes))),
    el(
      'p',
      { class: 'ts-muted' },
      `${format.counted(census.tensors, 'tensor')}, ${format.counted(census.nodes, 'node')}`,
    ),
    most.length > 0 &&
      el('ol', { class: 'ts-hooks ts-owners' }, ...most.map((owner, i) => item(context, owner, i))),
  );
}

function item({ model }: PanelContext, owner: Owner, i: number): HTMLElement {
  const [root, ...links] = owner.path;
  const cell = root.cell === undefined ? undefined : model.cells.get(root.cell)?.execution_count;
  const freed = owner.nodes || owner.bytes;
  return el(
    'li',
    {},
    el('span', { class: 'ts-muted' }, String(i + 1)),
    el('span', {}, el('b', {}, root.name), ...links.flatMap(step)),
    el('span', { class: 'ts-muted' }, cell === undefined ? '' : `cell ${cell}`),
    freed
      ? el(
          'div',
          { class: 'ts-calls' },
          `alone keeps ${format.counted(owner.nodes, 'node')}, ${format.bytes(owner.bytes)}`,
        )
      : undefined,
  );
}

/** `.grad_fn` and `[1]` belong to what stands before; others are owned by it. */
function step(link: Link): Content[] {
  return /^[.[]/.test(link.name) ? [link.name] : [el('span', { class: 'ts-muted' }, ' → '), link.name];
}
