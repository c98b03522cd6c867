import { describe, expect, it } from 'vitest';
import { makeLayers } from '../../../widgets/src/layout/layers.js';
import { orderLayers } from '../../../widgets/src/layout/order.js';
import { placeBoxes, separation, type Sizes } from '../../../widgets/src/layout/place.js';
import { rankGraph } from '../../../widgets/src/layout/rank.js';
import { flat, randomGraph } from './support.js';

function placed(boxes: number, links: [number, number][], size: (box: number) => number = () => 100) {
  const graph = flat(boxes, links);
  const layers = makeLayers(graph, rankGraph(graph));
  orderLayers(layers, graph);
  const width = new Float64Array(layers.count);
  for (let v = 0; v < boxes; v++) width[v] = size(v);
  const segments = layers.upper.length;
  const sizes: Sizes = {
    width,
    leave: new Float64Array(segments),
    enter: new Float64Array(segments),
    gate: new Uint8Array(layers.count),
  };
  return { layers, sizes, x: placeBoxes(layers, sizes) };
}

describe('horizontal coordinates', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('keep the order and the gaps of each rank, %d', seed => {
    const { boxes, links } = randomGraph(seed, 100, 80);
    const { layers, sizes, x } = placed(boxes, links, box => 60 + ((box * 37) % 140));
    for (let r = 0; r < layers.ranks; r++) {
      for (let i = layers.start[r]! + 1; i < layers.start[r + 1]!; i++) {
        const [a, b] = [layers.order[i - 1]!, layers.order[i]!];
        expect(x[b]! - x[a]!).toBeGreaterThanOrEqual(separation(layers, sizes, a, b) - 1e-6);
      }
    }
  });

  it.each([1, 2, 3, 4])('keep what passes several ranks straight in between, %d', seed => {
    const { boxes, links } = randomGraph(seed, 80, 60);
    const { layers, x } = placed(boxes, links);
    let [straight, bent] = [0, 0];
    for (let s = 0; s < layers.upper.length; s++) {
      if (layers.upper[s]! < layers.real || layers.lower[s]! < layers.real) continue;
      if (Math.abs(x[layers.upper[s]!]! - x[layers.lower[s]!]!) < 1e-6) straight++;
      else bent++;
    }
    expect(straight).toBeGreaterThan(4 * bent);
  });

  it('make a chain straight, whatever the widths', () => {
    const links = Array.from({ length: 30 }, (_, i): [number, number] => [i, i + 1]);
    const { x } = placed(31, links, box => 50 + 7 * (box % 13));
    for (const at of x) expect(at).toBeCloseTo(x[0]!);
  });
});
