/**
 * Horizontal coordinates after Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment" (2001): boxes
 * are aligned with the median of their neighbours into vertical blocks, blocks are packed; four times, from above
 * and below, from the left and the right; the mean of the two middle results is taken.
 *
 * Two changes. An edge may leave a frame off its centre, so boxes of a block have offsets (as in the authors' later
 * erratum on inner shifts). And a box is aligned only with the child that goes deepest, if there is one: a chain
 * with a leaf at each step then stays straight instead of leaning towards the leaves.
 */
import type { Layers } from './layers.js';
import { SPACE } from './types.js';

export function placeBoxes(layers: Layers): Float64Array {
  const position = new Int32Array(layers.count);
  for (const rank of layers.ranks) rank.forEach((v, i) => (position[v] = i));
  const barred = barredSegments(layers, position);
  const results: Float64Array[] = [];
  for (const down of [true, false]) {
    for (const left of [true, false])
      results.push(new Alignment(layers, position, barred, down, left).place());
  }
  const x = balance(results);
  nudgeEnds(layers, x);
  return x;
}

/** Least distance between the centres of two neighbours in a rank. */
export function separation(layers: Layers, a: number, b: number): number {
  const edges = (a >= layers.real ? 1 : 0) + (b >= layers.real ? 1 : 0);
  const gap = [SPACE.across, SPACE.besideEdge, SPACE.betweenEdges][edges]!;
  return (layers.width[a]! + layers.width[b]!) / 2 + gap;
}

/** Segments that must not be aligned: those that cross a passing edge, and those to children that end sooner. */
function barredSegments(layers: Layers, position: Int32Array): Uint8Array {
  const barred = new Uint8Array(layers.segments.length);
  const depth = new Int32Array(layers.count);
  for (let r = layers.ranks.length - 1; r >= 0; r--) {
    for (const v of layers.ranks[r]!) {
      for (const s of layers.below[v]!) depth[v] = Math.max(depth[v]!, depth[layers.segments[s]!.lower]! + 1);
    }
  }
  for (let v = 0; v < layers.real; v++) {
    const below = layers.below[v]!;
    if (below.length < 2) continue;
    const lower = below.map(s => layers.segments[s]!.lower);
    const deepest = Math.max(...lower.map(w => depth[w]!));
    const deep = lower.filter(w => depth[w] === deepest);
    const boxes = deep.filter(w => w < layers.real);
    // Of several as deep, a box before an edge that passes by; of several boxes, none before the other.
    const main = deep.length === 1 ? deep : boxes.length === 1 ? boxes : deep;
    below.forEach(
      (s, i) => (barred[s] = main.includes(lower[i]!) || layers.segments[s]!.leave !== 0 ? 0 : 1),
    );
  }
  for (let r = 1; r < layers.ranks.length; r++) barCrossings(layers, position, layers.ranks[r]!, barred);
  return barred;
}

/** A stretch of a passing edge keeps straight: what crosses it gives way. */
function barCrossings(layers: Layers, position: Int32Array, lower: number[], barred: Uint8Array): void {
  const inner = (v: number): number => {
    if (v < layers.real) return -1;
    const upper = layers.segments[layers.above[v]![0]!]!.upper;
    return upper >= layers.real ? position[upper]! : -1;
  };
  let from = 0;
  let left = 0;
  for (let i = 0; i <= lower.length; i++) {
    const bound = i === lower.length ? Infinity : inner(lower[i]!);
    if (bound < 0) continue;
    for (; from <= i && from < lower.length; from++) {
      for (const s of layers.above[lower[from]!]!) {
        const at = position[layers.segments[s]!.upper]!;
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
  /** Offset of a box from its block. */
  private readonly shift: Float64Array;
  private readonly mirror: number;

  constructor(
    private readonly layers: Layers,
    private readonly position: Int32Array,
    private readonly barred: Uint8Array,
    private readonly down: boolean,
    private readonly left: boolean,
  ) {
    this.root = Int32Array.from({ length: layers.count }, (_, v) => v);
    this.next = this.root.slice();
    this.shift = new Float64Array(layers.count);
    this.mirror = left ? 1 : -1;
  }

  place(): Float64Array {
    this.align();
    const block = this.pack();
    return Float64Array.from(
      { length: this.layers.count },
      (_, v) => this.mirror * (block[this.root[v]!]! + this.shift[v]!),
    );
  }

  private align(): void {
    const { layers, position, mirror } = this;
    const ranks = this.down ? layers.ranks : [...layers.ranks].reverse();
    for (const rank of ranks) {
      let limit = -Infinity;
      for (const v of this.left ? rank : [...rank].reverse()) {
        const links = [...(this.down ? layers.above[v]! : layers.below[v]!)].sort(
          (a, b) => mirror * (this.placeOf(a) - this.placeOf(b)),
        );
        const middle = (links.length - 1) / 2;
        for (let i = Math.floor(middle); i <= Math.ceil(middle) && i >= 0; i++) {
          const s = links[i]!;
          const segment = layers.segments[s]!;
          const neighbour = this.down ? segment.upper : segment.lower;
          const at = mirror * position[neighbour]!;
          if (this.next[v] !== v || this.barred[s] || at <= limit) continue;
          this.next[neighbour] = v;
          this.root[v] = this.root[neighbour]!;
          this.next[v] = this.root[v]!;
          const offset = segment.leave - segment.enter;
          this.shift[v] = this.shift[neighbour]! + mirror * (this.down ? offset : -offset);
          limit = at;
        }
      }
    }
  }

  private placeOf(s: number): number {
    const segment = this.layers.segments[s]!;
    return this.down
      ? this.position[segment.upper]! + segment.leaveAt
      : this.position[segment.lower]! + segment.enterAt;
  }

  /** Blocks as far to the left as their neighbours allow, then those with room on the right moved up to it. */
  private pack(): Float64Array {
    const { layers, root, shift } = this;
    const to: { block: number; distance: number }[][] = [];
    const waiting = new Int32Array(layers.count);
    for (const rank of layers.ranks) {
      const row = this.left ? rank : [...rank].reverse();
      for (let i = 1; i < row.length; i++) {
        const [a, b] = [row[i - 1]!, row[i]!];
        const distance = separation(layers, a, b) + shift[a]! - shift[b]!;
        (to[root[a]!] ??= []).push({ block: root[b]!, distance });
        waiting[root[b]!]!++;
      }
    }
    const x = new Float64Array(layers.count);
    const order: number[] = [];
    for (let v = 0; v < layers.count; v++) if (root[v] === v && waiting[v] === 0) order.push(v);
    for (let i = 0; i < order.length; i++) {
      for (const { block, distance } of to[order[i]!] ?? []) {
        x[block] = Math.max(x[block]!, x[order[i]!]! + distance);
        if (--waiting[block]! === 0) order.push(block);
      }
    }
    for (const v of order.reverse()) {
      const rights = to[v];
      if (rights)
        x[v] = Math.max(x[v]!, Math.min(...rights.map(({ block, distance }) => x[block]! - distance)));
    }
    return x;
  }
}

/** Lines the four up with the narrowest, left ones at its left and right ones at its right, and takes the middle. */
function balance(results: Float64Array[]): Float64Array {
  const ranges = results.map(xs =>
    xs.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)] as const, [
      Infinity,
      -Infinity,
    ] as const),
  );
  const narrowest = ranges.reduce(
    (best, [low, high]) => (high - low < best[1] - best[0] ? [low, high] : best),
    ranges[0]!,
  );
  const moves = ranges.map(([low, high], i) => (i % 2 === 0 ? narrowest[0] - low : narrowest[1] - high));
  return results[0]!.map((_, v) => {
    const sorted = results.map((xs, i) => xs[v]! + moves[i]!).sort((a, b) => a - b);
    return (sorted[1]! + sorted[2]!) / 2;
  });
}

/** A box with one link comes as near to straight below or above its neighbour as the rank allows. */
function nudgeEnds(layers: Layers, x: Float64Array): void {
  for (const rank of layers.ranks) {
    rank.forEach((v, i) => {
      const [above, below] = [layers.above[v]!, layers.below[v]!];
      if (above.length + below.length !== 1) return;
      const segment = layers.segments[above[0] ?? below[0]!]!;
      const wanted = above.length
        ? x[segment.upper]! + segment.leave - segment.enter
        : x[segment.lower]! + segment.enter - segment.leave;
      const low = i > 0 ? x[rank[i - 1]!]! + separation(layers, rank[i - 1]!, v) : -Infinity;
      const high = i + 1 < rank.length ? x[rank[i + 1]!]! - separation(layers, v, rank[i + 1]!) : Infinity;
      if (low <= high) x[v] = Math.min(Math.max(wanted, low), high);
    });
  }
}
