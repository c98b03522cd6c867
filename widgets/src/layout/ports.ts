/**
 * Where each strand leaves its box. Ports stand in their order, centred, or moved so that a child straight below has
 * a straight edge; where they have no order, they take that of the edges.
 */
import type { BoxSizes } from './coordinates.js';
import type { Graph } from './graph.js';
import type { Layers } from './layers.js';
import { SPACE } from './types.js';

/** A box's corners are left free of ports. */
const CORNER = 14;
/** Ports nearer than this are one to the eye. */
const LEAST = 10;

export function portOffsets(
  graph: Graph,
  layers: Layers,
  sizes: BoxSizes,
  far: Uint8Array,
  x: Float64Array,
): Float64Array {
  const { strandEdge, port, ports, leave, enter } = sizes;
  const offsets = new Float64Array(strandEdge.length);
  const ofBox = new Map<number, number[]>();
  for (let i = 0; i < offsets.length; i++) {
    const e = strandEdge[i]!;
    const fixed = leave[e]!;
    if (!Number.isNaN(fixed)) offsets[i] = fixed;
    else if (ports[i] !== 1) {
      const list = ofBox.get(graph.from[e]!);
      if (list) list.push(i);
      else ofBox.set(graph.from[e]!, [i]);
    }
  }
  /** Where an edge has to be when it reaches the next rank; those that turn away go to the right. */
  const stop = (e: number): number => {
    if (far[e]) return Infinity;
    return layers.virtual[e]! >= 0 ? x[layers.virtual[e]!]! : x[graph.to[e]!]! + (enter[e]! || 0);
  };
  for (const [box, strands] of ofBox) {
    const loose = ports[strands[0]!] === 0;
    const count = loose ? strands.length : ports[strands[0]!]!;
    const stops = new Map(strands.map(i => [i, stop(strandEdge[i]!)]));
    if (loose)
      strands.sort((a, b) =>
        stops.get(a)! < stops.get(b)! ? -1 : stops.get(a)! > stops.get(b)! ? 1 : a - b,
      );
    const number = (i: number, at: number): number => (loose ? at : port[i]!);
    const half = sizes.width[box]! / 2;
    const fans = strands.some(i => strandEdge[i] !== strandEdge[strands[0]!]);
    const straight = fans ? strands.findIndex(i => Math.abs(stops.get(i)! - x[box]!) < 1) : -1;
    const wanted = straight < 0 ? -1 : number(strands[straight]!, straight);
    const plain = count > 1 ? Math.min(SPACE.ports, half / (count - 1)) : 0;
    // With that port in the middle, the others have half the box.
    const close = Math.min(plain, (half - CORNER) / Math.max(wanted, count - 1 - wanted));
    const fits = wanted >= 0 && close >= LEAST;
    const pitch = fits ? close : plain;
    const anchor = fits ? wanted : (count - 1) / 2;
    strands.forEach((i, at) => (offsets[i] = (number(i, at) - anchor) * pitch));
  }
  return offsets;
}
