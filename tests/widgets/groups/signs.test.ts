import { describe, expect, it } from 'vitest';
import { Pairs } from '../../../widgets/src/groups/pairs.js';
import { Signs } from '../../../widgets/src/groups/signs.js';
import { group, type Child, type Group } from '../../../widgets/src/groups/tree.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { model, GOLDENS } from '../support/goldens.js';

describe('pairs of numbers', () => {
  it('have equal numbers exactly where they are equal', () => {
    const pairs = new Pairs();
    const known = new Map<string, number>();
    // Enough to outgrow the first table more than once; negative numbers and large ones too.
    for (let i = 0; i < 40_000; i++) {
      const [a, b] = [((i * 7919) % 211) - 5, (i * 104_729) % 97 === 0 ? 2 ** 31 - 1 : (i * 31) % 89];
      const key = `${a} ${b}`;
      const code = pairs.of(a, b);
      expect(code).toBe(known.get(key) ?? known.size);
      known.set(key, code);
    }
    expect(known.size).toBeGreaterThan(8192);
  });
});

function holding(children: Child[], type = '', times = 0): Group {
  const made = group('lines', 'key', 'name', type, times);
  made.children = children;
  return made;
}

describe.each(GOLDENS)('signs of %s', name => {
  const given = model(name);
  const subject = backwardSubject(given);
  const signs = new Signs(subject, given);

  it('of vertices are equal exactly where they look the same', () => {
    const looks = subject.vertices.all.map(({ kind, name: own, site, shape }) =>
      JSON.stringify([kind, own.replace(/\d+/g, '#'), shape, kind === 'leaf' ? null : placeOf(site)]),
    );
    const known = new Map<string, number>();
    looks.forEach((look, at) => known.set(look, signs.of(at)));
    looks.forEach((look, at) => expect(signs.of(at)).toBe(known.get(look)));
    expect(new Set(known.values()).size).toBe(known.size);
  });

  function placeOf(site: number | undefined): unknown {
    if (site === undefined) return null;
    const { id, ...place } = given.sites.get(site)!;
    return place;
  }

  it('of groups are those of what they hold, and never those of vertices', () => {
    const all = [...subject.vertices.all.keys()];
    const single = new Set(all.map(at => signs.of(at)));
    const first = signs.of(holding(all));
    expect(signs.of(holding(all))).toBe(first);
    const others = [holding(all, 'Linear'), holding(all, '', 2), holding([holding(all)]), holding([])];
    if (all.length > 1) others.push(holding(all.slice(1)));
    const found = [first, ...others.map(each => signs.of(each))];
    expect(new Set(found).size).toBe(found.length);
    for (const sign of found) expect(single).not.toContain(sign);
  });
});
