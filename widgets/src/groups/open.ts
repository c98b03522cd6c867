/** Which groups stand open in the first picture: as much as can be read at a glance, and no more. */
import { GLANCE } from './fold.js';
import { membersIn, type Members } from './members.js';
import { groupsOf, type Group, type GroupKind } from './tree.js';

/** Above this many vertices, groups start closed, however well they would fit. */
export const CLOSED_ABOVE = 150;

/** A graph too large to be open as a whole begins with about what a window shows. */
const A_WINDOW = 30;

/** Fewer boxes than this say little: then the largest groups open all the same, as long as there are at most so many. */
const ENOUGH = 8;
const STILL_FEW = 24;
const TOO_FEW = 4;

/** Groups that the program has names for. */
const OF_THE_PROGRAM: ReadonlySet<GroupKind> = new Set(['module', 'turn', 'cell']);

/** `torn`: turns were left out. Then the last turn of a loop stands for the others, which begin closed beside the strip. */
export function initiallyOpen(root: Group, torn = false): Set<string> {
  const members = membersIn(root);
  const total = members.of(root).length;
  const groups = groupsOf(root);
  if (total + groups.length <= GLANCE) {
    const early = torn ? earlyTurns(groups) : new Set<Group>();
    return new Set(groups.filter(each => !early.has(each)).map(each => each.key));
  }
  return total > CLOSED_ABOVE ? largestOpen(root, members) : outermostOpen(root, groups);
}

/** From the outside in, as many as fit. */
function outermostOpen(root: Group, groups: Group[]): Set<string> {
  const open = new Set<string>();
  let boxes = root.children.length;
  for (const each of groups) {
    const shown = each.parent === root || open.has(each.parent!.key);
    if (!shown || (each.kind === 'repeat' && boxes >= ENOUGH)) continue;
    const after = boxes - 1 + each.children.length;
    if (after > A_WINDOW) continue;
    open.add(each.key);
    boxes = after;
  }
  return open;
}

/**
 * The largest group of those in sight, again and again, until the picture says enough. Repetitions and stretches of
 * lines stay closed unless there is next to nothing else: what they hold is more of the same.
 */
function largestOpen(root: Group, members: Members): Set<string> {
  const open = new Set<string>();
  const sight = (group: Group): Group[] => group.children.filter(child => typeof child !== 'number');
  const closed = sight(root);
  let boxes = root.children.length;
  while (boxes < ENOUGH && closed.length) {
    const fitting = closed.filter(
      each =>
        boxes - 1 + each.children.length <= (boxes < TOO_FEW ? GLANCE : STILL_FEW) &&
        (OF_THE_PROGRAM.has(each.kind) || boxes < TOO_FEW),
    );
    if (!fitting.length) break;
    const largest = fitting.reduce((a, b) => (members.of(b).length > members.of(a).length ? b : a));
    open.add(largest.key);
    boxes += largest.children.length - 1;
    closed.splice(closed.indexOf(largest), 1, ...sight(largest));
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
