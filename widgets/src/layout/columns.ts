/**
 * Where a tall graph is folded into columns, read like those of a newspaper: a picture that is a hairline says
 * nothing. A column ends where few edges pass, near to where all columns would be of one height.
 */
import { Cuts } from './cuts.js';
import type { Layers } from './layers.js';
import { BOTTOM, TOP, type Graph } from './graph.js';
import { SPACE } from './types.js';

export const FOLD = {
  /** Lower graphs stay in one piece, and those that are not this many times higher than wide. */
  from: 1000,
  ratio: 2.2,
  /** Width to height that is aimed at. */
  aspect: 1.5,
  /** Edges that may pass from a column to the next. */
  passing: 8,
  /** Crossings that it may cost to lead them there: one for so much of the height, and at most. */
  perCrossing: 3000,
  crossings: 4,
  /** A crossing weighs as much as so many edges that pass. */
  weight: 2,
  /** Part of the height that the highest column may have left: else folding is not worth what it breaks. */
  gain: 0.75,
  /** How far a break may be from its ideal place, as a part of the column's height. */
  slack: 0.35,
} as const;

/** First rank of each column. `tall`: the height of each rank. */
export function foldColumns(graph: Graph, layers: Layers, tall: Float64Array, width: Float64Array): number[] {
  const { ranks } = layers;
  const tops = new Float64Array(ranks + 1);
  for (let r = 0; r < ranks; r++) tops[r + 1] = tops[r]! + tall[r]! + SPACE.down;
  const height = tops[ranks]!;
  if (height < FOLD.from) return [0];
  const across = widest(layers, width);
  if (height < FOLD.ratio * across) return [0];
  const count = Math.round(Math.sqrt((FOLD.aspect * height) / (across + 3 * SPACE.gutter)));
  if (count < 2) return [0];
  const cuts = new Cuts(graph, layers);
  // A gate stays with the rank that it leads to.
  const least = 1 + (graph.side.includes(TOP) ? 1 : 0);
  const most = ranks - 1 - (graph.side.includes(BOTTOM) ? 1 : 0);
  const columns = [0];
  const pitch = height / count;
  const allowed = Math.min(FOLD.crossings, Math.floor(height / FOLD.perCrossing));
  let r = least;
  for (let c = 1; c < count; c++) {
    const ideal = c * pitch;
    while (r <= most && tops[r]! < ideal - FOLD.slack * pitch) r++;
    let best = -1;
    let least = Infinity;
    for (let at = r; at <= most && tops[at]! <= ideal + FOLD.slack * pitch; at++) {
      if (cuts.passing[at]! > FOLD.passing) continue;
      const away = cuts.passing[at]! + (6 * Math.abs(tops[at]! - ideal)) / pitch;
      if (away >= least) continue;
      const crossings = cuts.crossings(at);
      const cost = away + FOLD.weight * crossings;
      if (crossings <= allowed && cost < least) {
        least = cost;
        best = at;
      }
    }
    if (best < 0) continue;
    columns.push(best);
    r = best + 1;
  }
  let highest = 0;
  columns.forEach((from, c) => (highest = Math.max(highest, tops[columns[c + 1] ?? ranks]! - tops[from]!)));
  return highest > FOLD.gain * height ? [0] : columns;
}

function widest({ ranks, start, order, real }: Layers, width: Float64Array): number {
  let most = 0;
  for (let r = 0; r < ranks; r++) {
    let sum = 0;
    for (let i = start[r]!; i < start[r + 1]!; i++)
      sum += order[i]! < real ? width[order[i]!]! + SPACE.across : SPACE.betweenEdges;
    most = Math.max(most, sum);
  }
  return most;
}
