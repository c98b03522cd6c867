import { describe, expect, it } from 'vitest';
import { treeOf } from '../../../widgets/src/groups/side-tree.js';
import { groupsOf } from '../../../widgets/src/groups/tree.js';
import { parse } from '../../../widgets/src/document/parse.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { forwardSubject } from '../../../widgets/src/model/forward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { moduleText } from '../../../widgets/src/model/names.js';
import { network, unrolled, type Loose } from '../support/goldens.js';

function titles(document: Loose, subjectOf = backwardSubject): string[] {
  const model = new GraphModel(parse(document).document);
  return groupsOf(treeOf(subjectOf(model), model)).map(({ name, type }) => `${name} ${type}`.trim());
}

describe('a module', () => {
  it('is called by its path and class', () => {
    expect(titles(network(2))).toContain('model.0 Block');
    expect(moduleText({ path: 'model.0', type: 'Block' })).toBe('model.0 · Block');
  });

  it('that no variable leads to is called by its class, once', () => {
    const document = network(2);
    document.modules.find(({ path }: Loose) => path === 'model.0').path = 'Block';
    expect(titles(document)).toContain('Block');
    expect(moduleText({ path: 'Block', type: 'Block' })).toBe('Block');
  });
});

describe('a turn', () => {
  it('says where its loop begins if there are several', () => {
    const document = unrolled(100, 2);
    expect(titles(document, forwardSubject)).toContain('turn 1 of 100');
    document.repeats.push({ id: 2, count: 3, site: 2 });
    expect(titles(document, forwardSubject)).toContain('turn 1 of 100 line 2');
  });
});
