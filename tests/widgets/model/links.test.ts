import { describe, expect, it } from 'vitest';
import { Links } from '../../../widgets/src/model/links.js';

const link = (from: number, to: number) => ({ from, to, name: `${from}>${to}`, shape: '[]' });
const links = Links.of([link(1, 0), link(0, 2), link(1, 2), link(1, 2)]);

describe('links', () => {
  it('number the ports of each end in their order', () => {
    expect(links.all.map(({ from, port, ports }) => [from, port, ports])).toEqual([
      [1, 0, 3],
      [0, 0, 1],
      [1, 1, 3],
      [1, 2, 3],
    ]);
  });

  it('are listed by either end', () => {
    const listed = (end: 'from' | 'to'): number[][] => {
      const { start, items } = links.by(end, 3);
      return [0, 1, 2].map(at => [...items.subarray(start[at], start[at + 1])]);
    };
    expect(listed('from')).toEqual([[1], [0, 2, 3], []]);
    expect(listed('to')).toEqual([[0], [], [1, 2, 3]]);
  });

  it('keep their words where only some are taken', () => {
    const some = links.take(Int32Array.of(1, 3));
    expect(some.all.map(({ name, port }) => [name, port])).toEqual([
      ['0>2', 0],
      ['1>2', 0],
    ]);
    expect(some.by('from', 3).start).toEqual(Int32Array.of(0, 1, 2, 2));
  });

  it('may be none', () => {
    expect(Links.of([]).all).toEqual([]);
  });
});
