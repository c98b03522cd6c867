/** The tree of groups of any subject: of two sides it is made of units, so that partners are in one group. */
import type { Sides } from '../model/both.js';
import type { GraphModel } from '../model/model.js';
import type { Subject } from '../model/subject.js';
import { fold, GLANCE } from './fold.js';
import { adopt, buildTree, groupsOf, type Child, type Group } from './tree.js';

export function treeOf(subject: Subject, model: GraphModel): Group {
  const { sides } = subject;
  const grouped = sides?.units ?? subject;
  const tree = buildTree(grouped, model);
  if (subject.vertices.length > GLANCE) fold(tree, grouped, model);
  if (sides) unfold(tree, sides);
  return tree;
}

/** Puts its vertices in place of each unit. */
function unfold(tree: Group, { members }: Sides): void {
  for (const group of [tree, ...groupsOf(tree)])
    adopt(
      group,
      group.children.flatMap((child): Child[] => (typeof child === 'number' ? members[child]! : [child])),
    );
}
