/** The ways of whole links: those of their pieces, in the picture's coordinates, one after another. */
import type { Inside } from './layout.js';
import type { Levels } from './levels.js';

/** Closer than this is the same. */
const NEAR = 0.01;

export function joinWays(
  all: Levels,
  insides: Inside[],
  left: Float64Array,
  top: Float64Array,
): { way: Float64Array; start: Uint32Array } {
  const level = new Int32Array(all.port.length);
  const index = new Int32Array(all.port.length);
  let most = 0;
  all.levels.forEach(({ strands }, l) =>
    strands.forEach((e, i) => {
      level[e] = l;
      index[e] = i;
    }),
  );
  for (const e of all.pieces) {
    const { start } = insides[level[e]!]!.placed;
    most += start[index[e]! + 1]! - start[index[e]!]!;
  }
  const way = new Float64Array(most);
  const links = all.pieceStart.length - 1;
  const start = new Uint32Array(links + 1);
  let at = 0;
  for (let link = 0; link < links; link++) {
    const begin = at;
    for (let p = all.pieceStart[link]!; p < all.pieceStart[link + 1]!; p++) {
      const e = all.pieces[p]!;
      const l = level[e]!;
      const { placed } = insides[l]!;
      const last = placed.start[index[e]! + 1]!;
      const first = placed.start[index[e]!]!;
      for (let i = first; i < last; i += 3) {
        const x = placed.way[i]! + left[l]!;
        const from = placed.way[i + 1]! + top[l]!;
        const to = placed.way[i + 2]! + top[l]!;
        // Through a gate a line goes straight on.
        const gate = i === first && at > begin;
        if (gate && Math.abs(way[at - 3]! - x) < NEAR) {
          // Two sums of the same heights are not quite the same.
          way[at - 1] = Math.abs(to - way[at - 2]!) < NEAR ? way[at - 2]! : to;
          continue;
        }
        way[at++] = x;
        way[at++] = from;
        way[at++] = to;
      }
    }
    start[link + 1] = at;
  }
  return { way: way.slice(0, at), start };
}
