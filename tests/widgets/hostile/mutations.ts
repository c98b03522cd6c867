/** Documents that nobody would write: goldens with some of their values replaced by what hurts. */
import type { Loose } from '../support/goldens.js';

/** Small numbers from a seed, the same each time (Marsaglia's xorshift32). */
export function random(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return below => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export const TEXTS = [
  '<script>globalThis.hurt = true</script>',
  '"><img src=x onerror="globalThis.hurt=true">',
  'javascript:globalThis.hurt=true//\'"',
  '\u202egnihton\u202c \u2066x\u2069 \u200b\ufeff',
  '\u0000\u0007\u001b[31m',
  '\ud800 lone \udfff',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  '',
  ' ',
  'x'.repeat(1_000),
  '😀'.repeat(200),
  '$&$1\\u0041%00',
];

const VALUES: unknown[] = [
  ...TEXTS,
  null, true, -1, 0, 1, 2, 3, 0.5, 1e308, -1e308, 2 ** 53, 2 ** 53 - 1, -(2 ** 31), 'NaN', 'Infinity', [], {}, [[]],
  [1, 2, 3], { length: 1e9 }, { encoding: 'runs', runs: [[1e9, 0, 1]] }, { encoding: 'binary', type: 'f64', base64: '!!' },
]; // prettier-ignore

/** All places in a document, as the way to them. */
function places(document: Loose): [holder: Loose, key: string | number][] {
  const found: [Loose, string | number][] = [];
  const stack: Loose[] = [document];
  while (stack.length) {
    const at = stack.pop();
    for (const key of Array.isArray(at) ? at.keys() : Object.keys(at)) {
      found.push([at, key]);
      if (typeof at[key] === 'object' && at[key] !== null) stack.push(at[key]);
    }
  }
  return found;
}

/** A copy of `document` with one to four of its values changed, gone, doubled or exchanged. */
export function mutate(document: Loose, next: (below: number) => number): Loose {
  const copy = structuredClone(document);
  for (let i = next(4); i >= 0; i--) {
    const all = places(copy);
    const [holder, key] = all[next(all.length)]!;
    const [other, otherKey] = all[next(all.length)]!;
    switch (next(5)) {
      case 0:
        delete holder[key];
        break;
      case 1:
        if (Array.isArray(holder)) holder.push(structuredClone(holder[key as number]));
        break;
      case 2:
        holder[key] = structuredClone(other[otherKey]);
        break;
      default:
        holder[key] = structuredClone(VALUES[next(VALUES.length)]);
    }
  }
  // As it comes from a file: a hole in a list is null there.
  return JSON.parse(JSON.stringify(copy));
}
