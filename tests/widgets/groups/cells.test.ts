import { expect, it } from 'vitest';
import { parse } from '../../../widgets/src/document/parse.js';
import { buildTree, groupsOf, type Group } from '../../../widgets/src/groups/tree.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { chain, type Loose } from '../support/goldens.js';

/** A chain of which the nodes that come first in the document, the last of the chain, are of one cell. */
function ofCells(length: number, first: number, change: (document: Loose) => void = () => undefined): Group {
  const document = chain(length);
  document.cells = [3, 5].map(count => ({
    id: count,
    execution_count: count,
    hash: '0123456789abcdef',
    source: 'y = f(y)',
  }));
  document.sites = [3, 5].map(cell => ({ id: cell, cell, line: 1, column: 0, end_column: 8 }));
  for (const [i, node] of document.nodes.entries()) node.site = i < first ? 3 : 5;
  change(document);
  const model = new GraphModel(parse(document).document);
  return buildTree(backwardSubject(model), model);
}

const cells = (tree: Group): string[] =>
  groupsOf(tree).flatMap(group => (group.kind === 'cell' ? [group.name] : []));

it('neighbours of one cell are a group where a large graph is of several', () => {
  expect(cells(ofCells(100, 40))).toEqual(['cell 5', 'cell 3']);
});

it('a small graph, one of a single cell, and a few nodes have none', () => {
  expect(cells(ofCells(20, 10))).toEqual([]);
  expect(cells(ofCells(100, 0))).toEqual([]);
  expect(cells(ofCells(100, 4))).toEqual(['cell 5']);
});

it('modules come before cells', () => {
  const tree = ofCells(100, 40, document => {
    document.modules = [{ id: 1, path: 'model', type: 'Model' }];
    for (const node of document.nodes.slice(20, 60)) node.module = 1;
  });
  expect(groupsOf(tree).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'cell cell 5',
    'module model',
    'cell cell 3',
  ]);
});
