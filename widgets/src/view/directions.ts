/** The directions that a document can be shown in, in words: a new one is an entry here and its subject in trace.ts. */
import type { GraphModel } from '../model/model.js';
import type { Direction } from '../model/subject.js';

interface Words {
  /** On the button. */
  label: string;
  title: string;
  /** Of a file that is saved. */
  drawing: string;
  /** What the legend says about it. */
  flow: string;
  /** Its round ends. */
  leaf: string;
}

export const DIRECTIONS: Record<Direction, Words> = {
  backward: {
    label: 'Backward',
    title: 'Backward graph',
    drawing: 'Backward graph',
    flow: 'Gradients flow down: inputs left to right as in next_functions.',
    leaf: 'leaf',
  },
  forward: {
    label: 'Forward',
    title: 'Forward trace',
    drawing: 'Forward trace',
    flow: 'Values flow down: what an op reads above it, what it returns below.',
    leaf: 'input',
  },
  both: {
    label: 'Both',
    title: 'Forward trace and backward graph side by side',
    drawing: 'Forward trace and backward graph',
    flow: 'Values flow down on the left, gradients up on the right, along dashed lines: an op and its node stand side by side.',
    leaf: 'leaf',
  },
};

export const ORDER: readonly Direction[] = ['backward', 'forward', 'both'];

/** Which a document has something for. */
export function offered({ document: { tables, failure } }: GraphModel): Set<Direction> {
  const [graph, trace] = [tables.nodes.length > 0, tables.ops.length > 0];
  const found = new Set<Direction>();
  if (graph || failure || !trace) found.add('backward');
  if (trace) found.add('forward');
  if (graph && trace) found.add('both');
  return found;
}

/** The one after `now`. */
export function after(now: Direction, among: ReadonlySet<Direction>): Direction {
  const list = ORDER.filter(each => among.has(each));
  return list[(list.indexOf(now) + 1) % list.length] ?? now;
}
