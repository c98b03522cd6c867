/**
 * The order of the nodes in each rank, for few crossings: from a few first orders, sweeps down and up that sort each
 * rank by the barycentre or the median of its neighbours, neighbours exchanged where that helps, the best kept
 * (Sugiyama et al. 1981; Gansner et al. 1993). Gates keep the order that they come in with. The effort is bounded by
 * the size: a large graph gets few sweeps.
 */
import { countCrossings } from './crossings.js';
import { BOTTOM, TOP, type Graph } from './graph.js';
import { placeAll, type Layers } from './layers.js';
import { sift, siftCost } from './sift.js';
import { PAIRS, transpose } from './transpose.js';

/** What all sweeps over one graph may cost: pairs of segments looked at. */
export const EFFORT = 4_000_000;
const SWEEPS = 24;
/** Sweeps without a gain after which a start is given up. */
const PATIENCE = 6;
const STARTS = 6;

/** Returns the crossings left, and what it cost, which is at most `effort`, but for one sweep or two. */
export function orderLayers(
  layers: Layers,
  graph: Graph,
  effort = EFFORT,
): { crossings: number; cost: number } {
  const fixed = fixedRanks(layers, graph);
  const cost = costOf(layers);
  const sifting = (siftCost(layers) * cost) / (layers.count + 1);
  let sweeps = Math.ceil(effort / cost);
  let spent = 0;
  let best: Int32Array | undefined;
  let fewest = Infinity;
  for (let start = 0; start < STARTS && fewest > 0 && (start === 0 || sweeps > 4); start++) {
    walk(layers, start);
    seatGates(layers, graph);
    placeAll(layers);
    const found = improve(layers, fixed, Math.min(SWEEPS, sweeps), start);
    if (found.crossings > 0 && sifting <= effort) {
      siftFrom(layers, fixed, found);
      spent += sifting;
    }
    sweeps -= SWEEPS;
    spent += found.sweeps * cost;
    if (found.crossings >= fewest) continue;
    fewest = found.crossings;
    best = found.order;
  }
  layers.order.set(best!);
  placeAll(layers);
  return { crossings: fewest, cost: spent };
}

/** Of one sweep with its exchanges. */
function costOf({ count, above, below }: Layers): number {
  let cost = 4 * count + 1;
  for (const { start } of [above, below])
    for (let v = 0; v < count; v++) cost += Math.min(PAIRS, (start[v + 1]! - start[v]!) ** 2);
  return cost;
}

/** Ranks whose order is given. */
function fixedRanks(layers: Layers, graph: Graph): { first: number; last: number } {
  return {
    first: graph.side.includes(TOP) ? 1 : 0,
    last: layers.ranks - (graph.side.includes(BOTTOM) ? 2 : 1),
  };
}

function seatGates({ order, start, ranks }: Layers, { topOrder, bottomOrder }: Graph): void {
  if (topOrder.length) order.set(topOrder, start[0]!);
  if (bottomOrder.length) order.set(bottomOrder, start[ranks - 1]!);
}

/**
 * A first order: depth first from the sources, along the ports, so that a tree comes out without crossings; or from
 * the sinks; or mirrored; or as they come.
 */
function walk(layers: Layers, start: number): void {
  const { order, count, rank, above, below, upper, lower } = layers;
  const down = start % 2 === 0;
  const mirrored = start === 2 || start === 3;
  const [next, ends] = down ? [below, lower] : [above, upper];
  const sources = down ? above : below;
  const seen = new Uint8Array(count);
  const fill = layers.start.slice(0, layers.ranks);
  const stack: number[] = [];
  // Depth first, or breadth first for the last two starts.
  const breadth = start >= 4;
  for (let n = 0; n < count; n++) {
    const root = mirrored ? count - 1 - n : n;
    if (sources.start[root] !== sources.start[root + 1] || seen[root]) continue;
    stack.push(root);
    if (breadth) seen[root] = 1;
    for (let head = 0; breadth ? head < stack.length : stack.length > 0;) {
      const v = breadth ? stack[head++]! : stack.pop()!;
      if (!breadth) {
        if (seen[v]) continue;
        seen[v] = 1;
      }
      order[fill[rank[v]!]!++] = v;
      const [first, last] = [next.start[v]!, next.start[v + 1]!];
      for (let i = first; i < last; i++) {
        // A stack gives back the last first.
        const s = next.items[mirrored === breadth ? first + last - 1 - i : i]!;
        const w = ends[s]!;
        if (seen[w]) continue;
        if (breadth) seen[w] = 1;
        stack.push(w);
      }
    }
    if (breadth) stack.length = 0;
  }
}

interface Found {
  order: Int32Array;
  crossings: number;
  sweeps: number;
}

function siftFrom(layers: Layers, fixed: { first: number; last: number }, found: Found): void {
  layers.order.set(found.order);
  placeAll(layers);
  sift(layers, fixed.first, fixed.last);
  const crossings = countCrossings(layers);
  if (crossings >= found.crossings) return;
  found.crossings = crossings;
  found.order = layers.order.slice();
}

function improve(
  layers: Layers,
  fixed: { first: number; last: number },
  sweeps: number,
  start: number,
): Found {
  let best = layers.order.slice();
  let fewest = countCrossings(layers);
  let idle = 0;
  let sweep = 0;
  for (; sweep < sweeps && fewest > 0 && idle < PATIENCE; sweep++) {
    const down = (sweep + start) % 2 === 0;
    const median = (sweep >> 1) % 2 === 1;
    const step = down ? 1 : -1;
    const [from, to] = down
      ? [Math.max(1, fixed.first), fixed.last]
      : [Math.min(layers.ranks - 2, fixed.last), fixed.first];
    for (let r = from; down ? r <= to : r >= to; r += step) sortRank(layers, r, down, median);
    transpose(layers, fixed.first, fixed.last, sweep % 2 === 1);
    const found = countCrossings(layers);
    idle++;
    if (found < fewest) {
      fewest = found;
      best = layers.order.slice();
      idle = 0;
    }
  }
  return { order: best, crossings: fewest, sweeps: sweep };
}

let keys = new Float64Array(64);
const movable: number[] = [];

/** Sorts a rank by its neighbours in the one before; what has none there keeps its seat. */
function sortRank(layers: Layers, r: number, down: boolean, median: boolean): void {
  const { order, start, place, count } = layers;
  if (keys.length < count) keys = new Float64Array(2 * count);
  movable.length = 0;
  const [first, last] = [start[r]!, start[r + 1]!];
  let sorted = true;
  for (let i = first; i < last; i++) {
    const v = order[i]!;
    const key = median ? medianOf(layers, v, down) : barycentreOf(layers, v, down);
    if (key < 0) continue;
    keys[v] = key;
    if (movable.length && keys[movable[movable.length - 1]!]! > key) sorted = false;
    movable.push(v);
  }
  if (sorted) return;
  movable.sort((a, b) => keys[a]! - keys[b]! || place[a]! - place[b]!);
  let next = 0;
  for (let i = first; i < last; i++) {
    const v = order[i]!;
    const links = down ? layers.above : layers.below;
    if (links.start[v] !== links.start[v + 1]) order[i] = movable[next++]!;
  }
  for (let i = first; i < last; i++) place[order[i]!] = i - first;
}

/** Where a neighbour is: its place, and within it the port. */
function seatOf({ place, upper, lower, leaveAt }: Layers, s: number, down: boolean): number {
  return down ? place[upper[s]!]! + leaveAt[s]! : place[lower[s]!]! + 0.5;
}

/** -1 without neighbours. */
function barycentreOf(layers: Layers, v: number, down: boolean): number {
  const links = down ? layers.above : layers.below;
  const [first, last] = [links.start[v]!, links.start[v + 1]!];
  if (first === last) return -1;
  let sum = 0;
  for (let i = first; i < last; i++) sum += seatOf(layers, links.items[i]!, down);
  return sum / (last - first);
}

const seats: number[] = [];

/** The weighted median of Gansner et al.: between two middle ones, nearer to the side that is denser. */
function medianOf(layers: Layers, v: number, down: boolean): number {
  const links = down ? layers.above : layers.below;
  const [first, last] = [links.start[v]!, links.start[v + 1]!];
  const degree = last - first;
  if (degree <= 2) return barycentreOf(layers, v, down);
  seats.length = 0;
  for (let i = first; i < last; i++) seats.push(seatOf(layers, links.items[i]!, down));
  seats.sort((a, b) => a - b);
  const middle = degree >> 1;
  if (degree % 2 === 1) return seats[middle]!;
  const left = seats[middle - 1]! - seats[0]!;
  const right = seats[degree - 1]! - seats[middle]!;
  if (left + right === 0) return (seats[middle - 1]! + seats[middle]!) / 2;
  return (seats[middle - 1]! * right + seats[middle]! * left) / (left + right);
}
