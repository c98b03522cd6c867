/**
 * Where the picture is torn: turns of a loop that were not kept, and nodes that an edge led to. A strip says how much
 * is missing, at the place where it is missing; where the document does not know the place, there is no strip.
 */
import * as format from '../document/format.js';
import type { GraphModel } from './model.js';
import { vertex, type Subject, type Vertex } from './subject.js';
import { NODES } from './vertices.js';

export interface Strip {
  vertex: Vertex;
  /** Vertices just above and just below, by index. */
  above: number[];
  below: number[];
  /** What it means, in sentences. */
  words: string[];
}

export function stripsOf(subject: Subject, model: GraphModel): Strip[] {
  const folded = model.document.left_out.some(row => row.table === 'nodes' && row.reason === 'folded');
  const what = subject.direction === 'both' && !folded ? 'ops of ' : '';
  const strips = [...model.repeats.values()].flatMap(({ id, count }) => turnStrips(subject, id, count, what));
  return subject.direction === 'forward' ? strips : [...strips, ...cutStrip(subject, model)];
}

/** One in each gap between the turns that were kept; `what` of them is missing, if the rest is there. */
function turnStrips(subject: Subject, repeat: number, count: number, what: string): Strip[] {
  const turns = new Map<number, number[]>();
  const columns = subject.vertices.columns;
  columns.repeat.forEach((id, at) => {
    if (id !== repeat) return;
    const turn = turns.get(columns.turn[at]!);
    if (turn) turn.push(at);
    else turns.set(columns.turn[at]!, [at]);
  });
  const kept = [...turns.keys()].sort((a, b) => a - b);
  return kept.slice(1).flatMap((turn, i): Strip[] => {
    const before = kept[i]!;
    const missing = turn - before - 1;
    if (missing < 1) return [];
    const [early, late] = [turns.get(before)!, turns.get(turn)!];
    const backward = subject.direction === 'backward';
    const range =
      missing === 1
        ? `turn ${format.count(turn)}`
        : `turns ${format.count(before + 2)} to ${format.count(turn)}`;
    const subjectOf = what ? `The ${what}${range}` : range.replace('t', 'T');
    const several = missing > 1 || what !== '';
    return [
      {
        vertex: torn(`${repeat}.${before}`, `${what}${format.counted(missing, 'turn')} left out`),
        // The gradient of a later turn is taken first.
        above: backward ? late : early,
        below: backward ? early : late,
        words: [
          `${subjectOf} of ${format.count(count)} ${several ? 'are' : 'is'} not drawn: the same operations on the same lines as the turns beside this strip.`,
          what
            ? 'Of a loop the ops of the first and the last turn are kept; the nodes of the others are here. To look at the ops of another turn, run it in a cell of its own.'
            : 'Only the first and the last turn of a loop are kept. To look at another, run it in a cell of its own.',
        ],
      },
    ];
  });
}

/** Beside the nodes whose edges were cut: where their gradients flow to. */
function cutStrip(subject: Subject, model: GraphModel): Strip[] {
  const missing = model.document.left_out
    .filter(row => row.table === 'nodes' && row.reason !== 'folded')
    .reduce((sum, row) => sum + row.count, 0);
  const cut = new Set(model.document.cut);
  if (!missing || !cut.size) return [];
  const { table, id } = subject.vertices.columns;
  const ends = Array.from(table.keys()).filter(at => table[at] === NODES && cut.has(id[at]!));
  const down = subject.direction === 'backward';
  const kept = model.document.tables.nodes.length;
  return [
    {
      vertex: torn('nodes', `${format.counted(missing, 'node')} left out`),
      above: down ? ends : [],
      below: down ? [] : ends,
      words: [
        `The graph goes on ${down ? 'below' : 'above'}: ${format.count(missing)} of ${format.counted(kept + missing, 'node')} are not drawn.`,
        `A display is bounded. To look further ${down ? 'down' : 'up'}, explore a tensor that was computed earlier.`,
      ],
    },
  ];
}

function torn(key: string, name: string): Vertex {
  return vertex({ key: `torn:${key}`, kind: 'torn', name });
}
