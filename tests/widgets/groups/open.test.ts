import { expect, it } from 'vitest';
import { fold, GLANCE } from '../../../widgets/src/groups/fold.js';
import { initiallyOpen } from '../../../widgets/src/groups/open.js';
import { buildScene } from '../../../widgets/src/groups/scene.js';
import { buildTree } from '../../../widgets/src/groups/tree.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { parse } from '../../../widgets/src/document/parse.js';
import { network } from '../support/goldens.js';
import { hub, transformer } from '../../bench/graphs/index.js';

/** Names of the groups in sight in the first picture, and whether they are open. */
function firstPicture(document: Record<string, unknown>): {
  open: string[];
  closed: string[];
  boxes: number;
} {
  const model = new GraphModel(parse(document).document);
  const subject = backwardSubject(model);
  const tree = buildTree(subject, model);
  if (subject.vertices.length > GLANCE) fold(tree, subject, model);
  const { boxes } = buildScene(subject, tree, initiallyOpen(tree));
  const groups = boxes.flatMap(box => (box.group ? [{ name: box.group.name, open: box.open }] : []));
  const named = (open: boolean): string[] =>
    groups.filter(group => group.open === open).map(group => group.name);
  return { open: named(true), closed: named(false), boxes: boxes.length };
}

it('a list of blocks stands open on its repetition, which is closed', () => {
  const { open, closed, boxes } = firstPicture(transformer(1000));
  expect(open).toContain('model.blocks');
  expect(closed.some(name => name.startsWith('model.blocks.0 – model.blocks.'))).toBe(true);
  expect(boxes).toBeLessThanOrEqual(24);
});

it('stretches of lines stay closed where there are some already', () => {
  expect(firstPicture(hub(3000)).open).toEqual([]);
});

it('a model that is too large to be open as a whole begins with what a window shows', () => {
  const { open, closed, boxes } = firstPicture(network(18));
  expect(open.length).toBeGreaterThan(0);
  expect(closed.length).toBeGreaterThan(0);
  expect(boxes).toBeGreaterThan(8);
  expect(boxes - open.length).toBeLessThanOrEqual(30);
});
