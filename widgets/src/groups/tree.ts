/**
 * Groups as intervals of one topological order of the vertices.
 *
 * Invariant: the vertices of a group that have both a link in and a link out are consecutive in that order. So no
 * path leaves a group and comes back, and a graph in which any set of groups is drawn as single boxes has no cycle.
 * Leaves and outputs end every path, hence they may join any group without breaking it.
 */
import type { GraphModel } from '../model/model.js';
import type { Subject } from '../model/subject.js';
import { OUTPUT } from '../model/vertices.js';
import { Labels, type Label } from './labels.js';
import { Members } from './members.js';
import { topologicalOrder } from './order.js';

/** ends: many leaves or outputs of one place. */
export type GroupKind = 'root' | 'module' | 'cell' | 'turn' | 'repeat' | 'lines' | 'ends';

/** A vertex by its index, or a group. */
export type Child = number | Group;

export interface Group {
  key: string;
  kind: GroupKind;
  name: string;
  /** Class of a module; lines; empty. */
  type: string;
  /** How often it repeats; 0 where it doesn't. */
  times: number;
  parent: Group | undefined;
  children: Child[];
}

export function group(kind: GroupKind, key: string, name: string, type = '', times = 0): Group {
  return { key, kind, name, type, times, parent: undefined, children: [] };
}

export function adopt(parent: Group, children: Child[]): void {
  parent.children = children;
  for (const child of children) if (typeof child !== 'number') child.parent = parent;
}

/** All groups below `root`, parents before children. */
export function groupsOf(root: Group): Group[] {
  const found: Group[] = [root];
  for (let i = 0; i < found.length; i++) {
    for (const child of found[i]!.children) if (typeof child !== 'number') found.push(child);
  }
  return found.slice(1);
}

/** Vertices at any depth below each group. */
export function membersOf(root: Group): Map<Group, number[]> {
  const members = new Members(root);
  return new Map(members.groups.map(each => [each, Array.from(members.of(each))]));
}

/** So many neighbours of one cell are a group. */
const CELL_FROM = 8;

/** The tree of groups that the document names. */
export function buildTree(subject: Subject, model: GraphModel): Group {
  const { vertices } = subject;
  const labels = new Labels(model, subject);
  const root = group('root', 'root', '');
  const nest: { label: Label; group: Group }[] = [];
  const homes = new Array<Group | undefined>(vertices.length).fill(undefined);
  for (const at of topologicalOrder(subject)) {
    if (vertices.isEnd(at)) continue;
    const wanted = labels.of(at);
    let same = 0;
    while (same < nest.length && same < wanted.length && nest[same]!.label === wanted[same]) same++;
    nest.length = same;
    for (; same < wanted.length; same++) {
      const label = wanted[same]!;
      const parent = same ? nest[same - 1]!.group : root;
      const made = group(label.kind, `${label.kind}:${label.id}:${vertices.key(at)}`, label.name, label.type);
      made.parent = parent;
      parent.children.push(made);
      nest.push({ label, group: made });
    }
    const inner = same ? nest[same - 1]!.group : root;
    inner.children.push(at);
    homes[at] = inner;
  }
  placeEnds(subject, root, homes);
  prune(root);
  return root;
}

/** A leaf goes to the innermost group that holds all its users; an output stays outside all but turns. */
function placeEnds({ vertices, links }: Subject, root: Group, homes: (Group | undefined)[]): void {
  const places = new Array<Group | undefined>(vertices.length).fill(undefined);
  const join = (end: number, other: number): void => {
    const user = homes[other];
    if (!user) return;
    const before = places[end];
    if (before !== user) places[end] = before ? commonAncestor(before, user) : user;
  };
  for (let link = 0; link < links.length; link++) {
    const [from, to] = [links.from[link]!, links.to[link]!];
    if (vertices.isEnd(from)) join(from, to);
    if (vertices.isEnd(to)) join(to, from);
  }
  for (let at = 0; at < vertices.length; at++) {
    if (!vertices.isEnd(at)) continue;
    let place = places[at] ?? root;
    while (vertices.columns.kind[at] === OUTPUT && place.parent && place.kind !== 'turn')
      place = place.parent;
    place.children.push(at);
  }
}

function ancestors(of: Group): Group[] {
  const chain: Group[] = [];
  for (let at: Group | undefined = of; at; at = at.parent) chain.push(at);
  return chain;
}

export function commonAncestor(a: Group, b: Group): Group {
  const above = new Set(ancestors(a));
  return ancestors(b).find(each => above.has(each))!;
}

/** Takes away groups that say nothing: of one node, or that hold all that their parent holds. */
function prune(root: Group): void {
  const members = new Members(root);
  const size = (each: Group): number => members.of(each).length;
  const dropped = new Set(members.groups.filter(each => each !== root && isIdle(each, size)));
  for (const each of [...members.groups].reverse()) {
    if (!each.children.some(child => typeof child !== 'number' && dropped.has(child))) continue;
    adopt(
      each,
      each.children.flatMap(child =>
        typeof child !== 'number' && dropped.has(child) ? child.children : [child],
      ),
    );
  }
}

function isIdle(each: Group, size: (of: Group) => number): boolean {
  if (size(each) < (each.kind === 'cell' ? CELL_FROM : 2)) return true;
  if (each.kind !== 'module' && each.kind !== 'cell') return false;
  const whole = size(each) === size(each.parent!);
  if (each.kind === 'cell') return whole;
  // The model itself: its parts are the picture.
  const outermost = !each.name.includes('.') && each.children.some(child => typeof child !== 'number');
  return whole || outermost;
}
