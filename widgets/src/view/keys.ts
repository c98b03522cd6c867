/** The keys of the view: what each does, in words for the help and as a command. One list for both. */

export type Command =
  | 'find' | 'keys' | 'fit' | 'zoomIn' | 'zoomOut' | 'saved' | 'hooks' | 'direction' | 'nextFinding' | 'previousFinding'
  | 'colour' | 'around' | 'reaching' | 'reached' | 'path' | 'openAll' | 'outline' | 'export' | 'legend' | 'whole'; // prettier-ignore

/** Plain letters are for finding, Shift with a letter for commands. */
export const COMMANDS: Record<string, Command> = {
  '/': 'find',
  '?': 'keys',
  '+': 'zoomIn',
  '=': 'zoomIn',
  '-': 'zoomOut',
  F: 'fit',
  S: 'saved',
  H: 'hooks',
  B: 'direction',
  N: 'nextFinding',
  P: 'previousFinding',
  C: 'colour',
  K: 'around',
  U: 'reaching',
  D: 'reached',
  T: 'path',
  E: 'openAll',
  O: 'outline',
  X: 'export',
  L: 'legend',
  W: 'whole',
};

export const KEYS: [string, string][] = [
  ['↓ ↑', 'along an edge: to an input, to a user'],
  ['← →', 'to the neighbour in the rank'],
  ['0–9', 'follow that entry of next_functions'],
  ['Enter', 'open or close the group; on a node, its panel'],
  ['Esc', 'up: panel, selection, group, focus, notebook'],
  ['Home End', 'the first row of the outline, the last'],
  ['letters', 'next node whose name begins so'],
  ['/', 'find: name, shape, module, line, /regex/; Enter and ⇧Enter: next, previous'],
  ['+ −', 'zoom about the selection; Ctrl and the wheel too'],
  ['⇧F', 'fit; again: fit the selection'],
  ['⇧K', 'only what is around the selection; again: a step farther'],
  ['⇧U ⇧D', 'only what reaches it, only what it reaches'],
  ['⇧T', 'path from here: then walk, find or click; Enter chooses the other end'],
  ['⇧N ⇧P', 'next, previous finding'],
  ['⇧C', 'next colour: family, norm, time, bytes'],
  ['⇧H ⇧S', 'hooks, saved on and off'],
  ['⇧B', 'backward, forward, both side by side'],
  ['⇧E', 'open all groups; again: close them'],
  ['⇧O', 'outline beside the drawing, on and off'],
  ['⇧L', 'legend'],
  ['⇧W', 'the whole screen; again, or Esc: back'],
  ['⇧X', 'export: SVG, PNG'],
  ['Ctrl C', 'copy the full name'],
  ['?', 'these keys'],
];
