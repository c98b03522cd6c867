/** What the overlays say of the selected node, all of them, whichever colours the drawing. */
import type { Vertex } from '../../model/subject.js';
import { el } from '../dom.js';
import { overlaysOf } from '../overlays/overlay.js';
import type { PanelContext } from './context.js';

export function numbersSection({ model, subject }: PanelContext, vertex: Vertex): HTMLElement | undefined {
  // The panel tells what is saved in a section of its own.
  const told = overlaysOf(model, subject).filter(({ name }) => name !== 'saved_bytes');
  const rows = told.flatMap(overlay => {
    const value = overlay.of(vertex);
    if (value === undefined) return [];
    const alarm = typeof value === 'number' ? overlay.scale.alarm?.(value) : undefined;
    return [
      el('dt', {}, overlay.label),
      el('dd', {}, overlay.scale.text(value), alarm && el('span', { class: 'ts-changed' }, ` ${alarm}`)),
    ];
  });
  return rows.length
    ? el(
        'section',
        { class: 'ts-numbers-section' },
        el('h4', {}, 'Measured'),
        el('dl', { class: 'ts-formulas' }, ...rows),
      )
    : undefined;
}
