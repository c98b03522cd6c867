import { describe, expect, it } from 'vitest';
import { Ways, type Marked } from '../../../widgets/src/view/ways.js';
import { Links } from '../../../widgets/src/model/links.js';
import { vertex, type Subject } from '../../../widgets/src/model/subject.js';
import { Vertices } from '../../../widgets/src/model/vertices.js';

/** a → b → d → e, a → c → d, and f apart; e and f are uses of one leaf. */
function subject(): Subject {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const links = ['ab', 'ac', 'bd', 'cd', 'de'].map(([from, to]) => ({
    from: names.indexOf(from!),
    to: names.indexOf(to!),
    name: '',
    shape: '',
  }));
  const vertices = names.map(name =>
    vertex({
      key: name,
      kind: name < 'e' ? 'node' : 'leaf',
      name,
      ref: { table: 'nodes', id: name < 'e' ? name.charCodeAt(0) : 1 },
    }),
  );
  return { direction: 'backward', vertices: Vertices.of(vertices), links: Links.of(links) };
}

const names = (vertices: Marked): string => [...'abcdef'].filter((_, i) => vertices[i]).join('');

describe('ways through a graph', () => {
  const ways = new Ways(subject());

  it('go so many steps around a node, in both directions', () => {
    expect(names(ways.around([1], 1))).toBe('abd');
    expect(names(ways.around([1], 2))).toBe('abcde');
  });

  it('lead to a node, and from it', () => {
    expect(names(ways.reaching([3]))).toBe('abcd');
    expect(names(ways.reachedFrom([1]))).toBe('bde');
  });

  it('lie between two nodes, whichever is named first', () => {
    expect(names(ways.between([0], [3])!)).toBe('abcd');
    expect(names(ways.between([3], [1])!)).toBe('bd');
    expect(ways.between([1], [2])).toBeUndefined();
  });

  it('know the uses of a shared leaf', () => {
    expect(ways.uses(4)).toEqual([4, 5]);
    expect(ways.uses(0)).toEqual([0]);
  });

  it('take no recursion: a chain of 200,000 is walked', () => {
    const count = 200_000;
    const long: Subject = {
      direction: 'backward',
      vertices: Vertices.of(
        Array.from({ length: count }, (_, i) => vertex({ key: `${i}`, kind: 'node', name: 'n' })),
      ),
      links: Links.of(
        Array.from({ length: count - 1 }, (_, i) => ({ from: i, to: i + 1, name: '', shape: '' })),
      ),
    };
    expect(new Ways(long).reaching([count - 1]).reduce((a, b) => a + b, 0)).toBe(count);
  });
});
