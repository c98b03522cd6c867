/** States, in words, at the top of the panel: what is so, and what to do. */
import type { GraphNode } from '../../generated/document.js';
import type { Host } from '../../live/host.js';
import { severityOf } from '../../model/subject.js';
import type { IconName } from '../../draw/icons.js';
import { el, icon, type Content } from '../dom.js';
import { placeLink } from '../place.js';
import type { PanelContext } from './context.js';

export function note(name: IconName, strong: string, ...rest: Content[]): HTMLElement {
  return el(
    'div',
    { class: 'ts-note', role: 'note' },
    icon(name, 14),
    el('div', { class: 'ts-says' }, el('b', {}, strong), ' ', ...rest),
  );
}

/**
 * What the kernel's state means for the values, if anything. `slow`: an answer has been waited for. `begin`: what starts
 * a kernel.
 */
export function kernelNote(host: Host, slow: boolean, begin: Content): HTMLElement[] {
  const { state, running } = host;
  switch (state) {
    case 'none':
      return [
        note(
          'plug',
          'No kernel.',
          'Structure and statistics are from the notebook; values need a run.',
          begin,
        ),
      ];
    case 'fresh':
      return [
        note(
          'plug',
          'The kernel has started.',
          'The values of the earlier run are gone; run the cell again to have them.',
        ),
      ];
    case 'stale':
      return [
        note(
          'plug',
          'The kernel was restarted; this graph is gone.',
          'What the notebook holds is shown. Run the cell again for values.',
        ),
      ];
    case 'unknown':
      return [
        note(
          'plug',
          'This kernel does not know the graph.',
          'It was restarted, or is another one. Run the cell again for values.',
        ),
      ];
    case 'busy': {
      if (!slow) return [];
      const cell = running === undefined ? 'a cell' : `cell ${running}`;
      return [
        note('clock', `The kernel is running ${cell}.`, 'Values will come when it is done.'),
        el('div', { class: 'ts-busybar' }),
      ];
    }
    case 'live':
      return slow ? [note('clock', 'Waiting for the kernel.'), el('div', { class: 'ts-busybar' })] : [];
  }
}

/** Freed by which backward, where: what the document itself knows. */
export function nodeNote({ model, go }: PanelContext, node: GraphNode): HTMLElement[] {
  const state = node.state ?? 'alive';
  if (state === 'alive') return [];
  const pass = node.released_by === undefined ? undefined : model.passes.get(node.released_by);
  const place = model.place(pass?.site);
  if (!pass) {
    return [
      note(
        'info',
        state === 'released' ? 'Freed.' : 'Gone.',
        'The node no longer exists; this is the record of it.',
      ),
    ];
  }
  const where = place ? ['in ', placeLink(place, go), '.'] : ['earlier.'];
  const kind = pass.kind === 'grad' ? 'grad' : 'backward';
  return [
    note('info', `Freed by ${kind}`, ...where, ' To keep it: ', el('code', {}, `${kind}(retain_graph=True)`)),
  ];
}

/** Findings about a row, as they are. */
export function findingNotes({ model, go }: PanelContext, table: string, id: number): HTMLElement[] {
  return model.document.findings
    .filter(finding => finding.about?.some(ref => ref.table === table && ref.id === id))
    .map(finding => {
      const severity = severityOf(finding);
      const place = model.place(finding.site);
      return el(
        'div',
        { class: 'ts-note', 'data-severity': severity, role: 'note' },
        icon(severity, 14),
        el('p', {}, finding.message, ...(place ? [' ', placeLink(place, go)] : [])),
      );
    });
}
