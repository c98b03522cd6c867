import { describe, expect, it } from 'vitest';
import { layout, LayoutEngine } from '../../../widgets/src/layout/layout.js';
import { pack } from '../../../widgets/src/layout/packed.js';
import { chain, edges, faults, input, random, randomGraph, randomNest, type Spec } from './support.js';

/** Three frames in two levels, links across the borders. */
const NESTED: Spec = {
  boxes: 22,
  frames: [0, 1, 2],
  inside: { 2: 0, 5: 0, 6: 0, 7: 2, 8: 2, 9: 2, 10: 2, 11: 0, 12: 1, 13: 1, 14: 1, 15: 1 },
  links: [[3, 5], [5, 6], [5, 7], [7, 8], [7, 9], [8, 10], [9, 10], [10, 11], [6, 11], [11, 12], [6, 13], [12, 14], [13, 14], [12, 15], [14, 16], [5, 16], [16, 17], [3, 18], [18, 17], [17, 19], [17, 20], [17, 21], [4, 18]],
}; // prettier-ignore

const many = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const SPECS: [string, Spec][] = [
  ['nothing', { boxes: 0, links: [] }],
  ['one box', { boxes: 1, links: [] }],
  ['boxes without links', { boxes: 9, links: [] }],
  ['a chain', chain(12)],
  ['a long chain', chain(400)],
  ['a fan', { boxes: 8, links: [[0, 1], [0, 2], [0, 3], [1, 4], [2, 4], [3, 4], [4, 5], [0, 5], [5, 6], [6, 7]] }],
  ['two components', { boxes: 6, links: [[0, 1], [1, 2], [3, 4], [4, 5]] }],
  ['parallel links', { boxes: 3, links: [[0, 1], [0, 1], [1, 2]] }],
  ['a cycle', { boxes: 5, links: [[0, 1], [1, 2], [2, 0], [2, 3], [3, 4], [4, 1]] }],
  ['a chain with links from end to end', { boxes: 300, links: [...chain(300).links, ...many(60, (i): [number, number] => [i, 299 - i])] }],
  ['a star of 500', { boxes: 501, links: many(500, (i): [number, number] => [0, i + 1]) }],
  ['nested frames', NESTED],
  ['a frame of two chains', { boxes: 5, frames: [0], inside: { 1: 0, 2: 0, 3: 0, 4: 0 }, links: [[1, 2], [3, 4]] }],
  ['an empty frame', { boxes: 3, frames: [0], links: [[1, 2]] }],
  ['a link to a frame', { boxes: 4, frames: [0], inside: { 1: 0 }, links: [[2, 0], [0, 3]] }],
  ['frames 60 deep', {
    boxes: 62,
    frames: many(60, i => i),
    inside: { ...Object.fromEntries(many(59, i => [i + 1, i])), 60: 59 },
    links: [[60, 61]],
  }],
  ...many(12, (i): [string, Spec] => [`random graph ${i}`, randomGraph(i + 1, 20 + 25 * i, 15 * i)]),
  ...many(4, (i): [string, Spec] => [`deep random graph ${i}`, randomGraph(i + 40, 400, 100, 5)]),
  ...many(12, (i): [string, Spec] => [`random nest ${i}`, randomNest(i + 1, 20 + 20 * i, 2 + 2 * i, 10 * i)]),
]; // prettier-ignore

describe.each(SPECS)('the layout of %s', (_, spec) => {
  const given = input(spec);
  const result = layout(given);

  it('overlaps nothing, draws every link from bottom to top and through no box', () => {
    expect(faults(given, result)).toEqual([]);
  });

  it('is the same each time', () => {
    const { x, y, width, height, way, start } = layout(input(spec));
    for (const [name, values] of Object.entries({ x, y, width, height, way, start }))
      expect(values, name).toEqual(result[name as 'x']);
  });
});

describe('good form', () => {
  it('a chain is straight, with leaves at its side', () => {
    const links: [number, number][] = [];
    for (let i = 0; i < 15; i++) links.push([2 * i, 2 * i + 2], [2 * i, 2 * i + 1]);
    const result = layout(input({ boxes: 31, links }));
    for (let i = 0; i < 15; i++) expect(result.x[2 * i]).toBeCloseTo(result.x[0]!);
  });

  it('a parent stands over the middle of its children, in the order of the ports', () => {
    const result = layout(input({ boxes: 4, links: [[0, 3], [0, 1], [0, 2]] })); // prettier-ignore
    expect(result.x[1]).toBeCloseTo(result.x[0]!);
    expect(result.x[3]! + result.x[2]!).toBeCloseTo(2 * result.x[0]!);
    expect(result.x[3]!).toBeLessThan(result.x[2]!);
  });

  it('an edge past a frame is straight through it', () => {
    const result = layout(
      input({ boxes: 6, frames: [0], inside: { 2: 0, 3: 0, 4: 0 }, links: [[1, 2], [2, 3], [2, 5], [2, 4]] }),
    ); // prettier-ignore
    const route = result.routes[2]!;
    const xs = new Set(many(route.length / 3, i => Math.round(route[3 * i]!)));
    expect(xs.size).toBe(1);
  });

  it('an output stands just above what it leads to, however far down that is', () => {
    const result = layout(input({ boxes: 6, links: [[0, 1], [1, 2], [2, 3], [3, 4], [5, 4]] })); // prettier-ignore
    expect(result.y[5]).toBeCloseTo(result.y[3]!);
  });

  it('links that leave a frame for the same box share their way outside', () => {
    const result = layout(
      input({ boxes: 5, frames: [0], inside: { 1: 0, 2: 0, 3: 0 }, links: [[1, 2], [1, 3], [2, 4], [3, 4]] }),
    ); // prettier-ignore
    const ends = [2, 3].map(link => Array.from(result.routes[link]!.slice(-3)));
    expect(ends[0]).toEqual(ends[1]);
  });
});

describe('folding into columns', () => {
  it.each([120, 2000])('makes a page of a chain of %d', length => {
    const { totalWidth, totalHeight } = layout(input(chain(length)));
    expect(totalWidth / totalHeight).toBeGreaterThan(0.5);
    expect(totalWidth / totalHeight).toBeLessThan(3);
  });

  it('leads from the foot of a column to the head of the next, in one lane', () => {
    const result = layout(input(chain(60)));
    const turning = result.routes.filter(route => route.length > 6);
    expect(turning.length).toBeGreaterThan(0);
    for (const route of turning) {
      expect(route.length).toBe(9);
      expect(route[5]!).toBeLessThan(route[4]!);
    }
  });

  it('leaves a short chain as it is', () => {
    expect(new Set(layout(input(chain(15))).x).size).toBe(1);
  });
});

/** The order from left to right and from top to bottom of boxes in one rank. */
function neighbours(spec: Spec, result: ReturnType<typeof layout>): string[] {
  const pairs: string[] = [];
  const parent = (box: number): number => spec.inside?.[box] ?? -1;
  for (let a = 0; a < spec.boxes; a++) {
    for (let b = a + 1; b < spec.boxes; b++) {
      if (parent(a) !== parent(b)) continue;
      const [p, q] = [edges(result, a), edges(result, b)];
      if (Math.min(p.bottom, q.bottom) > Math.max(p.top, q.top)) pairs.push(p.left < q.left ? `${a} ${b}` : `${b} ${a}`);
    }
  } // prettier-ignore
  return pairs;
}

describe('opening a box', () => {
  it.each(many(20, i => i))('keeps the order of those around it, %d', seed => {
    const next = random(seed + 5);
    const spec = randomNest(seed + 60, 40, 5, 20);
    spec.size = () => [90, 26];
    const closedFrame = next(spec.frames!.length);
    const hides = (box: number): boolean => {
      for (let at = spec.inside![box]; at !== undefined; at = spec.inside![at]) if (at === closedFrame) return true;
      return false;
    };
    // The same with one frame closed: its members are gone, its links are the frame's.
    const kept = many(spec.boxes, i => i).filter(box => !hides(box));
    const index = new Map(kept.map((box, i) => [box, i]));
    const shown = (box: number): number => index.get(hides(box) ? closedFrame : box)!;
    const seen = new Set<string>();
    const closed: Spec = {
      boxes: kept.length,
      frames: spec.frames!.filter(box => box !== closedFrame && index.has(box)).map(box => index.get(box)!),
      loose: [index.get(closedFrame)!],
      inside: Object.fromEntries(
        kept.flatMap(box => (spec.inside![box] === undefined ? [] : [[index.get(box)!, index.get(spec.inside![box]!)!]])),
      ),
      links: spec.links
        .map(([from, to]): [number, number] => [shown(from), shown(to)])
        .filter(([from, to]) => from !== to && !seen.has(`${from} ${to}`) && seen.add(`${from} ${to}`)),
      size: () => [90, 26],
    };
    const [before, after] = [layout(input(closed)), layout(input(spec))];
    const orderBefore = new Set(neighbours(closed, before));
    const turned = neighbours(spec, after).filter(pair => {
      const [a, b] = pair.split(' ').map(box => index.get(Number(box)));
      return a !== undefined && b !== undefined && orderBefore.has(`${b} ${a}`);
    });
    expect(turned).toEqual([]);
  }); // prettier-ignore

  it('works on what changed, and lays equal frames out once', () => {
    const blocks = 12;
    const size = 6;
    const spec: Spec = { boxes: blocks * (size + 1), frames: many(blocks, i => i), inside: {}, links: [] };
    for (let block = 0; block < blocks; block++) {
      for (let i = 0; i < size; i++) {
        const box = blocks + block * size + i;
        spec.inside![box] = block;
        if (box > blocks) spec.links.push([box - 1, box]);
      }
    }
    const engine = new LayoutEngine();
    engine.run(pack(input(spec)));
    // The outside, the first block, those between, the last.
    expect(engine.work).toEqual({ ordered: 4, placed: 4 });
    engine.run(pack(input(spec)));
    expect(engine.work).toEqual({ ordered: 0, placed: 0 });
    engine.run(pack(input({ ...spec, size: box => [box === blocks ? 150 : 100, 26] })));
    expect(engine.work).toEqual({ ordered: 0, placed: 2 });
  });
});

describe('size', () => {
  it('a chain of 100,000 boxes is laid out without recursion', () => {
    const result = layout(input(chain(100_000)));
    expect(result.start).toHaveLength(100_000);
    expect(result.totalHeight).toBeLessThan(100_000);
  });

  it('frames in frames, 500 deep, are laid out without recursion', () => {
    const depth = 500;
    const frames = many(depth, i => i);
    const inside = Object.fromEntries([...frames.slice(1).map(i => [i, i - 1]), [depth, depth - 1]]);
    const result = layout(input({ boxes: depth + 2, frames, inside, links: [[depth, depth + 1]] }));
    expect(result.height[0]).toBeGreaterThan(depth * 40);
  });

  it('a graph of many long edges gets no more virtual nodes than it can bear', () => {
    const next = random(9);
    const links = many(3000, (i): [number, number] => [i, i + 1]);
    for (let i = 0; i < 6000; i++) {
      const from = next(3000);
      links.push([from, from + 1 + next(3000 - from)]);
    }
    const result = layout(input({ boxes: 3001, links }));
    expect(result.way.length).toBeLessThan(20 * links.length);
  });
});
