/**
 * Horizontal coordinates after Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment" (2001): nodes
 * are aligned with the median of their neighbours into vertical blocks, blocks are packed; four times, from above
 * and below, from the left and the right; the mean of the two middle results is taken.
 *
 * Two changes. An edge may leave a frame off its centre, so nodes of a block have offsets (as in the authors' later
 * erratum on inner shifts). And a box is aligned only with the child that goes deepest, if there is one: a chain
 * with a leaf at each step then stays straight instead of leaning towards the leaves.
 */
import { listsBy } from './csr.js';
import type { Layers } from './layers.js';
import { SPACE } from './types.js';

/** What is known of a layered graph once its boxes have sizes. Virtual nodes are as wide as their edge is broad. */
export interface Sizes {
  width: Float64Array;
  /** Where a segment leaves and enters, from the centres of its nodes; 0: the centre, or a port. */
  leave: Float64Array;
  enter: Float64Array;
  /** 1: no box, but where an edge crosses the frame's border. */
  gate: Uint8Array;
}

export function placeBoxes(layers: Layers, sizes: Sizes): Float64Array {
  const barred = barredSegments(layers, sizes);
  const results: Float64Array[] = [];
  for (const down of [true, false]) {
    for (const left of [true, false]) results.push(new Alignment(layers, sizes, barred, down, left).place());
  }
  const x = balance(results);
  nudgeEnds(layers, sizes, x);
  return x;
}

const GAPS = [SPACE.across, SPACE.besideEdge, SPACE.betweenEdges] as const;

/** Least distance between the centres of two neighbours in a rank. */
export function separation({ real }: Layers, { width }: Sizes, a: number, b: number): number {
  const edges = (a >= real ? 1 : 0) + (b >= real ? 1 : 0);
  return (width[a]! + width[b]!) / 2 + GAPS[edges]!;
}

/** Past so wide a box an edge bends, rather than have room for half of it to go straight. */
const WIDE = 300;

/** Segments that must not be aligned: those that cross a passing edge, and those to children that end sooner. */
function barredSegments(layers: Layers, { leave, width, gate }: Sizes): Uint8Array {
  const { order, below, upper, lower, real, count } = layers;
  const barred = new Uint8Array(lower.length);
  if (layers.bent)
    for (let s = 0; s < lower.length; s++)
      if (layers.bent[s] && width[upper[s]!]! + width[lower[s]!]! > WIDE) barred[s] = 1;
  const depth = new Int32Array(count);
  for (let i = count - 1; i >= 0; i--) {
    const v = order[i]!;
    for (let k = below.start[v]!; k < below.start[v + 1]!; k++)
      depth[v] = Math.max(depth[v]!, depth[lower[below.items[k]!]!]! + 1);
  }
  for (let v = 0; v < real; v++) {
    const [first, last] = [below.start[v]!, below.start[v + 1]!];
    if (last - first < 2) continue;
    let [deep, boxes] = [0, 0];
    for (let k = first; k < last; k++) {
      const w = lower[below.items[k]!]!;
      if (depth[w] !== depth[v]! - 1) continue;
      deep++;
      if (w < real) boxes++;
    }
    // Of several as deep, a box before an edge that passes by; of several boxes, none before the other.
    const onlyBox = deep > 1 && boxes === 1;
    for (let k = first; k < last; k++) {
      const s = below.items[k]!;
      const w = lower[s]!;
      const main = depth[w] === depth[v]! - 1 && (!onlyBox || w < real);
      if (!main && leave[s] === 0) barred[s] = 1;
    }
  }
  barSources(layers, gate, barred);
  for (let r = 1; r < layers.ranks; r++) barCrossings(layers, r, barred);
  return barred;
}

/** Barred, and without a say in where the middle is. */
const UNHEARD = 2;

/** What begins above a box gives way to what comes from further up, so that a chain with a leaf at each step stays straight. */
function barSources({ above, upper, real }: Layers, gate: Uint8Array, barred: Uint8Array): void {
  const isSource = (v: number): boolean => v < real && gate[v] === 0 && above.start[v] === above.start[v + 1];
  for (let v = 0; v < real; v++) {
    const into = above.items.subarray(above.start[v], above.start[v + 1]);
    if (into.length < 2 || into.every(s => isSource(upper[s]!))) continue;
    for (const s of into) if (isSource(upper[s]!)) barred[s] = UNHEARD;
  }
}

/** A stretch of a passing edge keeps straight: what crosses it gives way. */
function barCrossings(layers: Layers, r: number, barred: Uint8Array): void {
  const { order, start, above, upper, place, real } = layers;
  const inner = (v: number): number => {
    if (v < real) return -1;
    const u = upper[above.items[above.start[v]!]!]!;
    return u >= real ? place[u]! : -1;
  };
  const first = start[r]!;
  const width = start[r + 1]! - first;
  let from = 0;
  let left = 0;
  for (let i = 0; i <= width; i++) {
    const bound = i === width ? Infinity : inner(order[first + i]!);
    if (bound < 0) continue;
    for (; from <= i && from < width; from++) {
      const v = order[first + from]!;
      for (let k = above.start[v]!; k < above.start[v + 1]!; k++) {
        const s = above.items[k]!;
        const at = place[upper[s]!]!;
        if (at < left || (at > bound && from !== i)) barred[s] = 1;
      }
    }
    left = bound;
  }
}

/** One of the four: from above or below, packed to the left or (mirrored) to the right. */
class Alignment {
  private readonly root: Int32Array;
  private readonly next: Int32Array;
  /** Offset of a node from its block. */
  private readonly shift: Float64Array;
  private readonly mirror: number;
  private readonly near: number[] = [];

  constructor(
    private readonly layers: Layers,
    private readonly sizes: Sizes,
    private readonly barred: Uint8Array,
    private readonly down: boolean,
    private readonly left: boolean,
  ) {
    this.root = new Int32Array(layers.count);
    for (let v = 0; v < layers.count; v++) this.root[v] = v;
    this.next = this.root.slice();
    this.shift = new Float64Array(layers.count);
    this.mirror = left ? 1 : -1;
  }

  place(): Float64Array {
    const { ranks, start } = this.layers;
    for (let n = 0; n < ranks; n++) {
      const r = this.down ? n : ranks - 1 - n;
      this.align(start[r]!, start[r + 1]!);
    }
    const x = this.pack();
    for (let v = 0; v < x.length; v++) if (this.root[v] !== v) x[v] = x[this.root[v]!]!;
    for (let v = 0; v < x.length; v++) x[v] = this.mirror * (x[v]! + this.shift[v]!);
    return x;
  }

  private align(first: number, last: number): void {
    const { layers, mirror, near, next, root, shift, sizes } = this;
    const { order, place } = layers;
    const lists = this.down ? layers.above : layers.below;
    const ends = this.down ? layers.upper : layers.lower;
    let limit = -Infinity;
    for (let n = first; n < last; n++) {
      const v = order[this.left ? n : first + last - 1 - n]!;
      near.length = 0;
      for (let k = lists.start[v]!; k < lists.start[v + 1]!; k++) {
        const s = lists.items[k]!;
        if (!this.down || this.barred[s] !== UNHEARD) near.push(s);
      }
      if (!near.length) continue;
      if (near.length > 1) near.sort((a, b) => mirror * (this.seatOf(a) - this.seatOf(b)));
      const middle = (near.length - 1) / 2;
      for (let i = Math.floor(middle); i <= Math.ceil(middle); i++) {
        const s = near[i]!;
        const neighbour = ends[s]!;
        const at = mirror * place[neighbour]!;
        if (next[v] !== v || this.barred[s] || at <= limit) continue;
        next[neighbour] = v;
        root[v] = root[neighbour]!;
        next[v] = root[v]!;
        const offset = sizes.leave[s]! - sizes.enter[s]!;
        shift[v] = shift[neighbour]! + mirror * (this.down ? offset : -offset);
        limit = at;
      }
    }
  }

  private seatOf(s: number): number {
    const { place, upper, lower, leaveAt } = this.layers;
    return this.down ? place[upper[s]!]! + leaveAt[s]! : place[lower[s]!]! + 0.5;
  }

  /** Blocks as far to the left as their neighbours allow, then those with room on the right moved up to it. */
  private pack(): Float64Array {
    const { layers, root, shift, sizes } = this;
    const { order, start, ranks, count } = layers;
    const block = new Int32Array(count).fill(-1);
    const to = new Int32Array(count);
    const distance = new Float64Array(count);
    const waiting = new Int32Array(count);
    // One relation a pair of neighbours: as many as there are nodes at most, kept under the left one's place.
    for (let r = 0; r < ranks; r++) {
      const [first, last] = [start[r]!, start[r + 1]!];
      for (let n = first; n + 1 < last; n++) {
        const a = order[this.left ? n : first + last - 1 - n]!;
        const b = order[this.left ? n + 1 : first + last - 2 - n]!;
        block[n] = root[a]!;
        to[n] = root[b]!;
        distance[n] = separation(layers, sizes, a, b) + shift[a]! - shift[b]!;
        waiting[root[b]!]!++;
      }
    }
    const right = listsBy(block, count);
    const x = new Float64Array(count);
    const queue = new Int32Array(count);
    let end = 0;
    for (let v = 0; v < count; v++) if (root[v] === v && waiting[v] === 0) queue[end++] = v;
    for (let i = 0; i < end; i++) {
      const v = queue[i]!;
      for (let k = right.start[v]!; k < right.start[v + 1]!; k++) {
        const n = right.items[k]!;
        const w = to[n]!;
        x[w] = Math.max(x[w]!, x[v]! + distance[n]!);
        if (--waiting[w]! === 0) queue[end++] = w;
      }
    }
    for (let i = end - 1; i >= 0; i--) {
      const v = queue[i]!;
      let limit = Infinity;
      for (let k = right.start[v]!; k < right.start[v + 1]!; k++) {
        const n = right.items[k]!;
        limit = Math.min(limit, x[to[n]!]! - distance[n]!);
      }
      if (limit !== Infinity) x[v] = Math.max(x[v]!, limit);
    }
    return x;
  }
}

/** Lines the four up with the narrowest, left ones at its left and right ones at its right, and takes the middle. */
function balance(results: Float64Array[]): Float64Array {
  const ranges = results.map(xs => {
    let [low, high] = [Infinity, -Infinity];
    for (const x of xs) {
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
    return { low, high };
  });
  const narrowest = ranges.reduce((best, each) =>
    each.high - each.low < best.high - best.low ? each : best,
  );
  const moves = ranges.map(({ low, high }, i) => (i % 2 === 0 ? narrowest.low - low : narrowest.high - high));
  const [a, b, c, d] = results as [Float64Array, Float64Array, Float64Array, Float64Array];
  const x = new Float64Array(a.length);
  for (let v = 0; v < x.length; v++) {
    const [p, q, r, s] = [a[v]! + moves[0]!, b[v]! + moves[1]!, c[v]! + moves[2]!, d[v]! + moves[3]!];
    const lower = Math.max(Math.min(p, q), Math.min(r, s));
    x[v] = (lower + Math.min(Math.max(p, q), Math.max(r, s))) / 2;
  }
  return x;
}

/** A node with one segment comes as near to straight below or above its neighbour as the rank allows. */
function nudgeEnds(layers: Layers, sizes: Sizes, x: Float64Array): void {
  const { order, start, ranks, above, below, upper, lower } = layers;
  const { leave, enter } = sizes;
  for (let r = 0; r < ranks; r++) {
    for (let i = start[r]!; i < start[r + 1]!; i++) {
      const v = order[i]!;
      const [a, b] = [above.start[v]!, below.start[v]!];
      const hangs = above.start[v + 1]! - a;
      if (hangs + below.start[v + 1]! - b !== 1) continue;
      const s = hangs ? above.items[a]! : below.items[b]!;
      const wanted = hangs ? x[upper[s]!]! + leave[s]! - enter[s]! : x[lower[s]!]! + enter[s]! - leave[s]!;
      const low = i > start[r]! ? x[order[i - 1]!]! + separation(layers, sizes, order[i - 1]!, v) : -Infinity;
      const high =
        i + 1 < start[r + 1]! ? x[order[i + 1]!]! - separation(layers, sizes, v, order[i + 1]!) : Infinity;
      if (low <= high) x[v] = Math.min(Math.max(wanted, low), high);
    }
  }
}
