/** Which groups stand open in the first picture: as much as can be read at a glance, and no more. */
import { GLANCE } from './fold.js';
import { Members } from './members.js';
import { groupsOf, type Group } from './tree.js';

/** Above this many vertices, groups start closed, however well they would fit. */
export const CLOSED_ABOVE = 150;

/** Fewer boxes than this say nothing: then the outermost groups open all the same. */
const TOO_FEW = 4;

/** `torn`: turns were left out. Then the last turn of a loop stands for the others, which begin closed beside the strip. */
export function initiallyOpen(root: Group, torn = false): Set<string> {
  const members = new Members(root);
  const total = members.of(root).length;
  const groups = groupsOf(root);
  if (total + groups.length <= GLANCE) {
    const early = torn ? earlyTurns(groups) : new Set<Group>();
    return new Set(groups.filter(each => !early.has(each)).map(each => each.key));
  }
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

/** Of each loop, the turns before the last one that was kept. */
function earlyTurns(groups: Group[]): Set<Group> {
  const turns = groups.filter(each => each.kind === 'turn');
  const last = new Map<string, number>();
  const read = (each: Group): [string, number] => {
    const [repeat, turn] = each.key.split(':')[1]!.split('.');
    return [repeat!, Number(turn)];
  };
  for (const [repeat, turn] of turns.map(read)) last.set(repeat, Math.max(last.get(repeat) ?? 0, turn));
  return new Set(
    turns.filter(each => {
      const [repeat, turn] = read(each);
      return turn < last.get(repeat)!;
    }),
  );
}
