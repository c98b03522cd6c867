/** Leads from what is selected to what belongs to it: around it, to it, from it, and on a path. */
import { el } from '../dom.js';
import type { FocusKind } from '../focus.js';

const WAYS: [kind: FocusKind, word: string, title: string][] = [
  ['around', 'Around', 'Only what is around it (Shift+K)'],
  ['reaching', 'Reaches it', 'Only what reaches it (Shift+U)'],
  ['reached', 'It reaches', 'Only what it reaches (Shift+D)'],
  ['path', 'Path to…', 'The path from it to another (Shift+T)'],
];

export function waysRow(look: (kind: FocusKind) => void): HTMLElement {
  return el(
    'div',
    { class: 'ts-ways', role: 'group', 'aria-label': 'Look at' },
    ...WAYS.map(([kind, word, title]) =>
      el('button', { type: 'button', title, onclick: () => look(kind) }, word),
    ),
  );
}
