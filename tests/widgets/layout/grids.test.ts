import { describe, expect, it } from 'vitest';
import { BOTTOM, TOP } from '../../../widgets/src/layout/graph.js';
import { findGrids, withoutGrids } from '../../../widgets/src/layout/grids.js';
import { layout } from '../../../widgets/src/layout/layout.js';
import type { LayoutResult } from '../../../widgets/src/layout/types.js';
import { edges, faults, flat, input, random, randomNest, type Spec } from './support.js';

type Links = [number, number][];

const range = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);

/** Box 0 over `count` leaves. */
const fan = (count: number): Links => range(count, 1).map((i): [number, number] => [0, i]);

describe('grids', () => {
  it('are made of more than eight ends of one box, in the order of its ports', () => {
    expect(findGrids(flat(9, fan(8)))).toEqual([]);
    const [grid, ...others] = findGrids(flat(31, [...fan(30)].reverse()));
    expect(others).toEqual([]);
    expect(grid!.hangs).toBe('below');
    expect(grid!.cells.map(cell => cell.nodes)).toEqual(range(30, 1).map(i => [31 - i]));
  });

  it('are made of results that lead to one box, and of boxes without links', () => {
    const [results] = findGrids(flat(13, range(12, 1).map((i): [number, number] => [i, 0]))); // prettier-ignore
    expect(results!.hangs).toBe('above');
    expect(results!.cells).toHaveLength(12);
    const [alone] = findGrids(flat(12, []));
    expect(alone!.hangs).toBe('nowhere');
    expect(alone!.cells).toHaveLength(12);
  });

  it('take what leads only to an end with it, and nothing that is linked elsewhere', () => {
    const links: Links = [];
    // Twelve weights behind their transpositions, and one that is used twice.
    for (let i = 0; i < 13; i++) links.push([0, 1 + i], [1 + i, 14 + i]);
    links.push([27, 14], [0, 27]);
    const [grid, ...others] = findGrids(flat(28, links));
    expect(others).toEqual([]);
    expect(grid!.cells.map(cell => cell.nodes)).toEqual(range(12).map(i => [2 + i, 15 + i]));
  });

  it('hang at the gates of a frame too, but do not lead out of it', () => {
    const graph = flat(22, range(20).flatMap((i): Links => (i < 10 ? [[20, i]] : [[20, i], [i, 21]]))); // prettier-ignore
    const side = new Uint8Array(22);
    side[20] = TOP;
    side[21] = BOTTOM;
    const gated = { ...graph, boxes: 20, side, topOrder: Int32Array.of(20), bottomOrder: Int32Array.of(21) };
    const without = withoutGrids(gated)!;
    expect(without.grids.map(grid => grid.cells.map(cell => cell.nodes[0]))).toEqual([range(10)]);
    expect([...without.graph.topOrder, ...without.graph.bottomOrder]).toEqual([11, 12]);
    expect([...without.graph.side]).toEqual([...new Array<number>(11).fill(0), TOP, BOTTOM]);
  });

  it.each(range(10, 1))('leave every box and every edge in the smaller graph, or in one cell, %d', seed => {
    const graph = fringed(seed);
    const { graph: small, node, edge, grids, firstGrid } = withoutGrids(graph)!;
    expect(grids.length).toBeGreaterThan(0);
    const inCell = new Map<number, number>();
    grids.forEach(({ cells }, g) => {
      for (const { nodes, inner } of cells) {
        expect(inner).toHaveLength(nodes.length - 1);
        for (const v of nodes) {
          expect(inCell.has(v)).toBe(false);
          inCell.set(v, g);
        }
      }
    });
    for (let v = 0; v < graph.count; v++) if (inCell.has(v)) expect(node[v]).toBe(firstGrid + inCell.get(v)!);
    expect(new Set(node).size).toBe(small.count);
    for (let e = 0; e < graph.from.length; e++) {
      const [a, b] = [node[graph.from[e]!]!, node[graph.to[e]!]!];
      if (edge[e]! < 0) expect(a).toBe(b);
      else expect([small.from[edge[e]!], small.to[edge[e]!]]).toEqual([a, b]);
    }
  });
});

/** A random graph of twenty boxes, some with many leaves or many results. */
function fringedSpec(seed: number): Spec {
  const { links } = randomNest(seed, 20, 0, 10);
  const next = random(seed);
  let boxes = 20;
  for (let i = 0; i < 3; i++) {
    const [at, count, depth] = [next(20), 3 + next(30), 1 + next(3)];
    const below = next(3) > 0;
    for (let k = 0; k < count; k++) {
      let from = at;
      for (let d = 0; d < depth; d++) {
        links.push(below ? [from, boxes] : [boxes, from]);
        from = boxes++;
      }
    }
  }
  for (let k = 0; k < 20; k++) {
    links.push([0, boxes]);
    boxes++;
  }
  return {
    boxes: boxes + next(15),
    links,
    size: box => [50 + ((box * 31) % 130), [26, 34, 39, 22][box % 4]!],
  };
}

function fringed(seed: number) {
  const { boxes, links } = fringedSpec(seed);
  return flat(boxes, links);
}

function expectBelow(result: LayoutResult, links: Links): void {
  for (const [from, to] of links) expect(edges(result, to).top).toBeGreaterThan(edges(result, from).bottom);
}

describe('a picture with grids', () => {
  it.each(range(20, 1))(
    'overlaps nothing, draws every link, and each box is below what leads to it, %d',
    seed => {
      const spec = fringedSpec(seed);
      const given = input(spec);
      const result = layout(given);
      expect(faults(given, result)).toEqual([]);
      expectBelow(result, spec.links);
    },
  );

  it.each(range(10, 1))('of frames, some with many ends: the same, %d', seed => {
    const spec = randomNest(seed, 60, 6, 10);
    const next = random(seed);
    const first = spec.frames!.length;
    for (let i = 0; i < 4; i++) {
      const at = first + next(60);
      const home = spec.inside![at];
      for (let k = 0; k < 12; k++) {
        const box = spec.boxes++;
        spec.links.push(i % 2 ? [at, box] : [box, at]);
        // Now beside it, now outside of all frames.
        if (home !== undefined && (i < 2 || k % 2)) spec.inside![box] = home;
      }
    }
    const given = input(spec);
    const result = layout(given);
    expect(faults(given, result)).toEqual([]);
    expectBelow(result, spec.links);
  });

  it.each(range(6))('of a long chain in columns, wherever they end: the same, %d', seed => {
    const links = range(119).map((i): [number, number] => [i, i + 1]);
    let boxes = 120;
    // Ends before and behind each break between columns.
    for (let at = 1 + seed; at < 120; at += 6)
      for (let k = 0; k < 9; k++) links.push((at - seed) % 4 === 1 ? [at, boxes++] : [boxes++, at]);
    const given = input({ boxes, links });
    const result = layout(given);
    expect(new Set(range(120).map(i => Math.round(result.x[i]!))).size).toBeGreaterThan(1);
    expect(faults(given, result)).toEqual([]);
  });

  it('of frames that stand in one', () => {
    // Twelve frames of twelve leaves each, of one user.
    const spec: Spec = { boxes: 12 + 1 + 144, frames: range(12), inside: {}, links: [] };
    for (let i = 0; i < 144; i++) {
      spec.inside![13 + i] = Math.floor(i / 12);
      spec.links.push([12, 13 + i]);
    }
    const given = input(spec);
    const result = layout(given);
    expect(faults(given, result)).toEqual([]);
    expect(result.totalWidth / result.totalHeight).toBeLessThan(4);
  });

  it('gives a box that is much wider than the others room of its own, where it was in the order', () => {
    for (const wide of [1, 7, 20]) {
      const size = (box: number): [number, number] => [box === wide ? 2000 : 100, 26];
      const given = input({ boxes: 21, links: fan(20), size });
      const result = layout(given);
      expect(faults(given, result)).toEqual([]);
      expect(result.totalWidth).toBeLessThan(2900);
      const own = edges(result, wide);
      for (let box = 1; box <= 20; box++) {
        if (box < wide) expect(edges(result, box).right).toBeLessThan(own.left);
        if (box > wide) expect(edges(result, box).left).toBeGreaterThan(own.right);
      }
    }
  });

  it.each([12, 30, 200, 3000])('is no hairline: %d leaves of a box, results of one, boxes alone', count => {
    for (const links of [fan(count), fan(count).map(([a, b]): [number, number] => [b, a]), []]) {
      const { totalWidth, totalHeight } = layout(input({ boxes: count + 1, links, size: () => [130, 39] }));
      expect(totalWidth / totalHeight).toBeLessThan(4);
      expect(totalWidth / totalHeight).toBeGreaterThan(1);
    }
  });

  it.each(range(12))('turns nowhere upwards, not by a rounding error, %d', seed => {
    const next = random(seed + 1);
    const count = 9 + next(40);
    const links = seed % 2 ? fan(count) : fan(count).map(([a, b]): [number, number] => [b, a]);
    const size = (): [number, number] => [60 + next(900) / 7, 20 + next(200) / 9];
    for (const route of layout(input({ boxes: count + 1, links, size })).routes)
      for (let i = 0; i < route.length; i += 3) expect(route[i + 2]!).toBeGreaterThanOrEqual(route[i + 1]!);
  });

  it('is read like pages: the links of a box part without crossing', () => {
    const result = layout(input({ boxes: 41, links: fan(40) }));
    const trunks = result.routes.map(route => route[3]!);
    expect(new Set(trunks).size).toBeGreaterThan(1);
    expect(trunks).toEqual([...trunks].sort((a, b) => a - b));
    const rows = new Map<number, number[]>();
    for (let box = 1; box <= 40; box++) {
      const key = Math.round(result.y[box]!);
      rows.set(key, [...(rows.get(key) ?? []), result.x[box]!]);
    }
    for (const row of rows.values()) expect(row).toEqual([...row].sort((a, b) => a - b));
  });
});
