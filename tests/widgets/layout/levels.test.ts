import { describe, expect, it } from 'vitest';
import { Cache } from '../../../widgets/src/layout/cache.js';
import { cutIntoLevels } from '../../../widgets/src/layout/levels.js';
import { pack } from '../../../widgets/src/layout/packed.js';
import { input, randomNest } from './support.js';

describe('cutting a nest into levels', () => {
  it('has each box in the level of its frame', () => {
    const given = pack(input(randomNest(4, 80, 12, 60)));
    const all = cutIntoLevels(given);
    for (const { frame, boxes } of all.levels) for (const box of boxes) expect(given.parent[box]).toBe(frame);
    expect(all.levels.flatMap(level => level.boxes)).toHaveLength(given.width.length);
  });

  it('leads each link from its box to its box, piece by piece, through gates', () => {
    const given = pack(input(randomNest(9, 80, 12, 60)));
    const all = cutIntoLevels(given);
    const levelOf = new Map(all.levels.flatMap((level, l) => level.edges.map(e => [e, l] as const)));
    for (let link = 0; link < given.from.length; link++) {
      const edges = [...all.pieces.subarray(all.pieceStart[link], all.pieceStart[link + 1])].map(
        strand => all.strandEdge[strand]!,
      );
      expect(all.levels[levelOf.get(edges[0]!)!]!.boxes[all.from[edges[0]!]!]).toBe(given.from[link]);
      const last = edges[edges.length - 1]!;
      expect(all.levels[levelOf.get(last)!]!.boxes[all.to[last]!]).toBe(given.to[link]);
      for (let i = 1; i < edges.length; i++) {
        const [a, b] = [edges[i - 1]!, edges[i]!];
        const out = all.levels[levelOf.get(a)!]!;
        const gate = all.to[a]! >= out.boxes.length ? out.gates[all.to[a]! - out.boxes.length]! : all.enters[a]!;
        const same = all.leaves[b] === gate || all.levels[levelOf.get(b)!]!.gates[all.from[b]! - all.levels[levelOf.get(b)!]!.boxes.length] === gate;
        expect(same).toBe(true);
      }
    }
  }); // prettier-ignore

  it('shares what lies outside between links of the same two boxes', () => {
    const all = cutIntoLevels(
      pack(input({ boxes: 5, frames: [0], inside: { 1: 0, 2: 0, 3: 0 }, links: [[1, 4], [2, 4], [3, 4]] })),
    ); // prettier-ignore
    expect(all.levels[0]!.edges).toHaveLength(1);
    expect(all.gateFrame).toHaveLength(1);
  });

  it('refuses a frame that comes after what it holds', () => {
    expect(() => cutIntoLevels(pack(input({ boxes: 2, frames: [1], inside: { 0: 1 }, links: [] })))).toThrow(RangeError);
  }); // prettier-ignore
});

describe('the cache', () => {
  const ask = (cache: Cache<number>, key: number[], make: () => number): number => {
    cache.begin();
    cache.add(key);
    return cache.get(make);
  };

  it('makes a value once, for as long as it is asked for', () => {
    const cache = new Cache<number>();
    let made = 0;
    const make = (): number => ++made;
    expect([ask(cache, [1, 2], make), ask(cache, [1, 2], make), ask(cache, [2, 1], make)]).toEqual([1, 1, 2]);
    cache.turn();
    expect(ask(cache, [1, 2], make)).toBe(1);
    cache.turn();
    cache.turn();
    expect(ask(cache, [1, 2], make)).toBe(3);
  });

  it('tells NaN from numbers, and one list from two', () => {
    const cache = new Cache<number>();
    let made = 0;
    ask(cache, [NaN], () => ++made);
    ask(cache, [NaN], () => ++made);
    ask(cache, [0], () => ++made);
    expect(made).toBe(2);
    cache.begin();
    cache.add([1]);
    cache.add([2]);
    cache.get(() => ++made);
    ask(cache, [1, 2], () => ++made);
    expect(made).toBe(4);
  });
});
