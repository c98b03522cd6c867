import { describe, expect, it } from 'vitest';
import type { Matcher } from '../../../../widgets/src/view/find/regex.js';
import { SearchIndex, type Found } from '../../../../widgets/src/view/find/search.js';
import { golden, network } from '../../support/goldens.js';
import { shown } from '../../support/picture.js';

/** What the worker does. */
const match: Matcher = (pattern, texts) =>
  Promise.resolve(texts.map(text => new RegExp(pattern, 'i').test(text)));

async function found(document: unknown, query: string, matcher = match): Promise<string[] | string> {
  const { trace, model } = shown(document);
  const index = new SearchIndex(trace.subject, model);
  const answer = await new Promise<Found>(resolve => index.search(query, matcher, resolve));
  if (answer.state === 'refused') return answer.why;
  if (answer.state === 'idle') return 'idle';
  return answer.vertices.map(vertex => trace.subject.vertices.at(vertex).name);
}

describe('a search', () => {
  it('looks at names, shapes, modules and lines of source, whatever the case', async () => {
    expect(await found(golden('digits'), 'ADDMM')).toHaveLength(4);
    expect(await found(golden('digits'), '[10, 32]')).not.toEqual([]);
    expect(await found(network(12), 'model.7.weight')).toEqual(['model.7.weight']);
    expect(await found(golden('digits'), 'cross_entropy')).not.toEqual([]);
    expect(await found(golden('digits'), 'nothing of the kind')).toEqual([]);
    expect(await found(golden('digits'), '  ')).toBe('idle');
  });

  it('takes a regular expression between slashes, the last of which may not be typed yet', async () => {
    const all = await found(golden('digits'), '/^(addmm|relu)back/');
    expect(new Set(all)).toEqual(new Set(['AddmmBackward0', 'ReluBackward0']));
    expect(await found(golden('digits'), '/^addmm')).toHaveLength(4);
  });

  it('says what is wrong with one', async () => {
    expect(await found(golden('digits'), '/(addmm/')).toMatch(/^Not a regular expression: .*group/i);
    expect(await found(golden('digits'), '/[z-a]/')).toMatch(/^Not a regular expression/);
  });

  it('says why one could not be run', async () => {
    expect(await found(golden('digits'), '/x/', () => Promise.resolve('It takes too long.'))).toBe(
      'It takes too long.',
    );
  });
});
