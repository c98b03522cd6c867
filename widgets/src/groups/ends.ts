/**
 * Leaves and outputs: they end every path, so any group may take them. They go where their users are; where very many
 * would stand side by side, they become one box.
 */
import { counted } from '../document/format.js';
import type { Homes } from './homes.js';
import { group, type Child, type Group } from './tree.js';

/** More leaves or outputs than this beside a container's other children would hide those. */
const ENDS_BESIDE = 20;

/** So many ends of one user are a crowd, and so many of a crowd are seen at once. */
const CROWD = 4;
const SEEN = 50;

/**
 * Puts each leaf into the innermost of the new groups that holds all who use it; an output stays outside. Where that
 * leaves too many outside, they go to the first that uses them.
 */
export function settleEnds(container: Group, ends: number[], homes: Homes): void {
  const { vertices } = homes.subject;
  const first = new Map<number, Group>();
  const shared = new Map<number, Group>();
  for (const end of ends) {
    for (const user of homes.neighbours(end)) {
      const place = homes.childIn(container, user) === undefined ? container : homes.of(user);
      const before = shared.get(end);
      if (!before) first.set(end, place);
      shared.set(end, before ? common(before, place, container) : place);
    }
  }
  const wanted = (end: number): Group =>
    vertices.kind(end) === 'output' ? container : (shared.get(end) ?? container);
  const crowded = ends.filter(end => wanted(end) === container).length > ENDS_BESIDE;
  for (const end of ends) {
    const place = wanted(end);
    homes.add(crowded && place === container ? (first.get(end) ?? container) : place, end);
  }
}

function common(a: Group, b: Group, limit: Group): Group {
  if (a === b) return a;
  const above = new Set<Group>([limit]);
  for (let at: Group | undefined = a; at && at !== limit; at = at.parent) above.add(at);
  let found: Group = b;
  while (!above.has(found) && found.parent) found = found.parent;
  return above.has(found) ? found : limit;
}

/** Makes crowds of a container's ends, and of those of the groups in it, where they would fill the picture. */
export function crowdEnds(container: Group, most: number, homes: Homes): void {
  const stack = [container];
  while (stack.length) {
    const at = stack.pop()!;
    if (homes.boxes(at.children) > most) crowd(at, most, homes);
    // Pieces got ends of their own just now; what was there before has been looked at.
    for (const child of at.children)
      if (typeof child !== 'number' && (child.kind === 'lines' || child.kind === 'repeat')) stack.push(child);
  }
}

function crowd(container: Group, most: number, homes: Homes): void {
  const { vertices } = homes.subject;
  const kindOf = (child: Child): string => (typeof child === 'number' ? vertices.kind(child) : '');
  const isEnd = (child: Child): child is number => kindOf(child) === 'leaf' || kindOf(child) === 'output';
  const crowds = new Map<string, number[]>();
  const add = (key: string, end: number): void => {
    const list = crowds.get(key);
    if (list) list.push(end);
    else crowds.set(key, [end]);
  };
  const ends = container.children.filter(isEnd);
  for (const end of ends) {
    const [user] = homes.neighbours(end);
    add(`${kindOf(end)} ${user === undefined ? '' : userKey(container, user, homes)}`, end);
  }
  const rest = container.children.filter(child => !isEnd(child));
  const large = [...crowds.values()].filter(list => list.length >= CROWD);
  const left = ends.length - large.reduce((sum, list) => sum + list.length, 0);
  if (homes.boxes(rest) + large.length + left > most) {
    crowds.clear();
    for (const end of ends) add(kindOf(end), end);
  }
  const children: Child[] = rest;
  for (const list of crowds.values()) {
    if (list.length < CROWD) children.push(...list);
    else children.push(crowdOf(list, homes));
  }
  homes.fill(container, children);
}

function userKey(container: Group, user: number, homes: Homes): string {
  const child = homes.childIn(container, user);
  return child === undefined ? '' : typeof child === 'number' ? String(child) : child.key;
}

/** `x0 – x9999`, `10,000 leaves`; inside, in pieces that can be read at a glance. */
function crowdOf(ends: number[], homes: Homes): Group {
  const { vertices } = homes.subject;
  const first = vertices.at(ends[0]!);
  const last = vertices.at(ends[ends.length - 1]!);
  const name = first.name === last.name ? first.name : `${first.name} – ${last.name}`;
  const type =
    first.kind === 'leaf' ? counted(ends.length, 'leaf', 'leaves') : counted(ends.length, 'output');
  const made = group('ends', `ends:${ends.length}:${first.key}`, name, type);
  // As many parts as each has parts or ends again.
  const levels = Math.ceil(Math.log(ends.length) / Math.log(SEEN) - 1e-9);
  const size = Math.ceil(ends.length ** ((levels - 1) / levels));
  const parts: Child[] = [];
  if (ends.length > SEEN)
    for (let at = 0; at < ends.length; at += size) parts.push(crowdOf(ends.slice(at, at + size), homes));
  return homes.fill(made, parts.length ? parts : ends);
}
