/** Which groups stand open in the first picture: as much as can be read at a glance, and no more. */
import { GLANCE } from './fold.js';
import { groupsOf, membersOf, type Group } from './tree.js';

/** Above this many vertices, groups start closed, however well they would fit. */
export const CLOSED_ABOVE = 150;

/** Fewer boxes than this say nothing: then the outermost groups open all the same. */
const TOO_FEW = 4;

export function initiallyOpen(root: Group): Set<string> {
  const total = membersOf(root).get(root)!.length;
  const groups = groupsOf(root);
  if (total <= GLANCE) return new Set(groups.map(each => each.key));
  const open = new Set<string>();
  let boxes = root.children.length;
  for (const each of groups) {
    const shown = each.parent === root || open.has(each.parent!.key);
    if (!shown || (each.kind === 'repeat' && boxes >= TOO_FEW)) continue;
    const after = boxes - 1 + each.children.length;
    if (after > GLANCE || (total > CLOSED_ABOVE && boxes >= TOO_FEW)) continue;
    open.add(each.key);
    boxes = after;
  }
  return open;
}
