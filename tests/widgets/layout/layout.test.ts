import { describe, expect, it } from 'vitest';
import { layout } from '../../../widgets/src/layout/layout.js';
import { makeLayers } from '../../../widgets/src/layout/layers.js';
import { crossings, orderRanks } from '../../../widgets/src/layout/order.js';
import { rankBoxes } from '../../../widgets/src/layout/rank.js';
import type { Flat, LayoutInput, LayoutResult } from '../../../widgets/src/layout/types.js';

interface Spec {
  boxes: number;
  links: [number, number][];
  /** Frame of each box that has one. Frames must come first. */
  inside?: Record<number, number>;
  frames?: number[];
  size?: (box: number) => [number, number];
}

function input({ boxes, links, inside = {}, frames = [], size = () => [100, 26] }: Spec): LayoutInput {
  const list = Array.from({ length: boxes }, (_, i) => i);
  const leaving = new Map<number, number>();
  const numbered = links.map(([from, to]) => {
    const port = leaving.get(from) ?? 0;
    leaving.set(from, port + 1);
    return { from, to, port, ports: 1 };
  });
  for (const link of numbered) link.ports = leaving.get(link.from)!;
  return {
    width: list.map(box => (frames.includes(box) ? 0 : size(box)[0])),
    height: list.map(box => (frames.includes(box) ? 0 : size(box)[1])),
    frame: list.map(box => frames.includes(box)),
    lead: list.map(box => (frames.includes(box) ? 80 : 0)),
    trail: list.map(box => (frames.includes(box) ? 90 : 0)),
    parent: list.map(box => inside[box] ?? -1),
    links: numbered,
  };
}

/** A small random generator: the tests are the same each time. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomGraph(seed: number, boxes: number, extra: number): Spec {
  const next = random(seed);
  const links: [number, number][] = [];
  for (let box = 1; box < boxes; box++) links.push([Math.max(0, box - 1 - next(6)), box]);
  for (let i = 0; i < extra; i++) {
    const from = next(boxes - 1);
    links.push([from, from + 1 + next(Math.min(20, boxes - from - 1))]);
  }
  return {
    boxes,
    links,
    size: box => [60 + ((box * 37) % 140), [26, 34, 39, 22][box % 4]!],
  };
}

/** Six frames in two levels, chains inside, links across the borders. */
const NESTED: Spec = {
  boxes: 22,
  frames: [0, 1, 2],
  inside: { 2: 0, 5: 0, 6: 0, 7: 2, 8: 2, 9: 2, 10: 2, 11: 0, 12: 1, 13: 1, 14: 1, 15: 1 },
  links: [[3, 5], [5, 6], [5, 7], [7, 8], [7, 9], [8, 10], [9, 10], [10, 11], [6, 11], [11, 12], [6, 13], [12, 14], [13, 14], [12, 15], [14, 16], [5, 16], [16, 17], [3, 18], [18, 17], [17, 19], [17, 20], [17, 21], [4, 18]],
}; // prettier-ignore

const SPECS: [string, Spec][] = [
  ['one box', { boxes: 1, links: [] }],
  ['a chain', { boxes: 50, links: Array.from({ length: 49 }, (_, i) => [i, i + 1] as [number, number]) }],
  ['a fan', { boxes: 8, links: [[0, 1], [0, 2], [0, 3], [1, 4], [2, 4], [3, 4], [4, 5], [0, 5], [5, 6], [6, 7]] }],
  ['two components', { boxes: 6, links: [[0, 1], [1, 2], [3, 4], [4, 5]] }],
  ['parallel links', { boxes: 3, links: [[0, 1], [0, 1], [1, 2]] }],
  ['a random graph', randomGraph(1, 60, 40)],
  ['a wide random graph', randomGraph(7, 200, 150)],
  ['nested frames', NESTED],
]; // prettier-ignore

function edges(result: LayoutResult, box: number) {
  return {
    left: result.x[box]! - result.width[box]! / 2,
    right: result.x[box]! + result.width[box]! / 2,
    top: result.y[box]! - result.height[box]! / 2,
    bottom: result.y[box]! + result.height[box]! / 2,
  };
}

describe.each(SPECS)('the layout of %s', (_, spec) => {
  const given = input(spec);
  const result = layout(given);

  it('lets no two boxes of a frame overlap', () => {
    for (let a = 0; a < spec.boxes; a++) {
      for (let b = a + 1; b < spec.boxes; b++) {
        if (given.parent[a] !== given.parent[b]) continue;
        const [p, q] = [edges(result, a), edges(result, b)];
        const apart =
          p.right + 10 <= q.left ||
          q.right + 10 <= p.left ||
          p.bottom + 10 <= q.top ||
          q.bottom + 10 <= p.top;
        expect(apart, `${a} and ${b}`).toBe(true);
      }
    }
  });

  it('keeps each box within its frame, below its title', () => {
    for (let box = 0; box < spec.boxes; box++) {
      if (given.parent[box]! < 0) continue;
      const [inner, outer] = [edges(result, box), edges(result, given.parent[box]!)];
      expect(inner.left).toBeGreaterThanOrEqual(outer.left + 20);
      expect(inner.right).toBeLessThanOrEqual(outer.right - 20);
      expect(inner.top).toBeGreaterThanOrEqual(outer.top + 28);
      expect(inner.bottom).toBeLessThanOrEqual(outer.bottom - 16);
    }
  });

  it('leads every link downwards', () => {
    for (const { from, to } of spec.links.map(([from, to]) => ({ from, to }))) {
      expect(edges(result, to).top).toBeGreaterThan(edges(result, from).bottom);
    }
  });

  it('starts each route at the bottom of its box and ends it on top of the other, without going up', () => {
    given.links.forEach((link, i) => {
      const route = result.routes[i]!;
      const [from, to] = [edges(result, link.from), edges(result, link.to)];
      expect(route[1]).toBeCloseTo(from.bottom);
      expect(route[route.length - 1]).toBeCloseTo(to.top);
      expect(route[0]).toBeGreaterThanOrEqual(from.left);
      expect(route[0]).toBeLessThanOrEqual(from.right);
      expect(route[route.length - 3]).toBeCloseTo(result.x[link.to]!);
      for (let at = 1; at < route.length; at += 3) {
        expect(route[at + 1]! - route[at]!).toBeGreaterThanOrEqual(-1e-6);
        if (at > 1) expect(route[at]! - route[at - 2]!).toBeGreaterThanOrEqual(-1e-6);
      }
    });
  });

  it('lets no vertical part of a route pass through a box', () => {
    result.routes.forEach((route, i) => {
      const link = given.links[i]!;
      for (let at = 0; at < route.length; at += 3) {
        for (let box = 0; box < spec.boxes; box++) {
          if (given.frame[box] || box === link.from || box === link.to) continue;
          const rect = edges(result, box);
          const through =
            route[at]! > rect.left &&
            route[at]! < rect.right &&
            route[at + 1]! < rect.bottom - 1 &&
            route[at + 2]! > rect.top + 1;
          expect(through, `link ${link.from}>${link.to} through ${box}`).toBe(false);
        }
      }
    });
  });

  it('is the same each time', () => {
    expect(layout(input(spec))).toEqual(result);
  });

  it('lies within its own size', () => {
    for (let box = 0; box < spec.boxes; box++) {
      const rect = edges(result, box);
      expect(rect.left).toBeGreaterThanOrEqual(-1e-6);
      expect(rect.top).toBeGreaterThanOrEqual(-1e-6);
      expect(rect.right).toBeLessThanOrEqual(result.totalWidth + 1e-6);
      expect(rect.bottom).toBeLessThanOrEqual(result.totalHeight + 1e-6);
    }
  });
});

describe('good form', () => {
  it('a chain is straight, with leaves at its side', () => {
    const links: [number, number][] = [];
    for (let i = 0; i < 20; i++) links.push([2 * i, 2 * i + 2], [2 * i, 2 * i + 1]);
    const result = layout(input({ boxes: 41, links }));
    for (let i = 0; i < 20; i++) expect(result.x[2 * i]).toBeCloseTo(result.x[0]!);
  });

  it('a parent stands over the middle of its children', () => {
    const result = layout(
      input({
        boxes: 4,
        links: [
          [0, 1],
          [0, 2],
          [0, 3],
        ],
      }),
    );
    expect(result.x[2]).toBeCloseTo(result.x[0]!);
    expect(result.x[1]! + result.x[3]!).toBeCloseTo(2 * result.x[0]!);
  });

  it('children stand in the order of the ports', () => {
    const result = layout(
      input({
        boxes: 4,
        links: [
          [0, 3],
          [0, 1],
          [0, 2],
        ],
      }),
    );
    expect(result.x[3]!).toBeLessThan(result.x[1]!);
    expect(result.x[1]!).toBeLessThan(result.x[2]!);
  });

  it('an edge past a frame is straight through it', () => {
    const result = layout(
      input({
        boxes: 6,
        frames: [0],
        inside: { 2: 0, 3: 0, 4: 0 },
        links: [
          [1, 2],
          [2, 3],
          [2, 5],
          [2, 4],
        ],
      }),
    );
    const route = result.routes[2]!;
    const xs = new Set(Array.from({ length: route.length / 3 }, (_, i) => Math.round(route[3 * i]!)));
    expect(xs.size).toBe(1);
  });

  it('an output stands just above what it leads to, however far down that is', () => {
    const result = layout(
      input({
        boxes: 6,
        links: [
          [0, 1],
          [1, 2],
          [2, 3],
          [3, 4],
          [5, 4],
        ],
      }),
    );
    expect(result.y[5]).toBeCloseTo(result.y[3]!);
  });
});

describe('order', () => {
  const flat = (boxes: number, links: [number, number][]): Flat => ({
    width: new Array<number>(boxes).fill(100),
    height: new Array<number>(boxes).fill(26),
    pin: new Array<undefined>(boxes).fill(undefined),
    links: links.map(([from, to]) => ({
      from,
      to,
      port: 0,
      ports: 1,
      leave: undefined,
      enter: undefined,
    })),
  });

  it('undoes crossings that a walk from the top leaves', () => {
    const graph = flat(6, [
      [0, 3],
      [0, 5],
      [1, 4],
      [2, 3],
    ]);
    const layers = makeLayers(graph, rankBoxes(graph));
    orderRanks(layers);
    const position = new Int32Array(layers.count);
    for (const rank of layers.ranks) rank.forEach((v, i) => (position[v] = i));
    expect(crossings(layers, position)).toBe(0);
  });

  it('counts crossings', () => {
    const graph = flat(4, [
      [0, 3],
      [1, 2],
    ]);
    const layers = makeLayers(graph, rankBoxes(graph));
    layers.ranks = [
      [0, 1],
      [2, 3],
    ];
    expect(crossings(layers, Int32Array.of(0, 1, 0, 1))).toBe(1);
    expect(crossings(layers, Int32Array.of(0, 1, 1, 0))).toBe(0);
  });
});

describe('size', () => {
  it('a chain of 10,000 boxes is laid out without recursion, in seconds', () => {
    const links = Array.from({ length: 9_999 }, (_, i) => [i, i + 1] as [number, number]);
    const start = performance.now();
    const result = layout(input({ boxes: 10_000, links }));
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(result.y[9_999]! - result.y[0]!).toBeGreaterThan(9_999 * 40);
    expect(new Set(result.x).size).toBe(1);
  });

  it('frames in frames, 500 deep, are laid out without recursion', () => {
    const depth = 500;
    const frames = Array.from({ length: depth }, (_, i) => i);
    const inside = Object.fromEntries([...frames.slice(1).map(i => [i, i - 1]), [depth, depth - 1]]);
    const result = layout(input({ boxes: depth + 2, frames, inside, links: [[depth, depth + 1]] }));
    expect(result.height[0]).toBeGreaterThan(depth * 40);
  });

  it('a cycle is refused rather than looped on', () => {
    expect(() =>
      layout(
        input({
          boxes: 2,
          links: [
            [0, 1],
            [1, 0],
          ],
        }),
      ),
    ).toThrow('cycle');
  });
});
