/**
 * Groups as intervals of one topological order of the vertices.
 *
 * Invariant: the vertices of a group that have both a link in and a link out are consecutive in that order. So no
 * path leaves a group and comes back, and a graph in which any set of groups is drawn as single boxes has no cycle.
 * Leaves and outputs end every path, hence they may join any group without breaking it.
 */
import type { GraphModel } from '../model/model.js';
import type { Subject, Vertex } from '../model/subject.js';
import { topologicalOrder } from './order.js';

export type GroupKind = 'root' | 'module' | 'turn' | 'repeat' | 'lines';

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

/** Vertices at any depth below each group, computed children first. */
export function membersOf(root: Group): Map<Group, number[]> {
  const members = new Map<Group, number[]>();
  for (const each of [root, ...groupsOf(root)].reverse()) {
    const own: number[] = [];
    for (const child of each.children) {
      if (typeof child === 'number') own.push(child);
      else for (const vertex of members.get(child)!) own.push(vertex);
    }
    members.set(each, own);
  }
  return members;
}

interface Label {
  kind: GroupKind;
  id: string;
  name: string;
  type: string;
}

/** The nest of groups that a vertex belongs to, outermost first: turns of loops, then modules along the path. */
function labels(vertex: Vertex, model: GraphModel, types: Map<string, string>): Label[] {
  const nest: Label[] = [];
  if (vertex.repeat) {
    const { id, turn } = vertex.repeat;
    const of = model.repeats.get(id)?.count;
    const name = of
      ? `turn ${(turn + 1).toLocaleString('en-US')} of ${of.toLocaleString('en-US')}`
      : `turn ${turn + 1}`;
    nest.push({ kind: 'turn', id: `${id}.${turn}`, name, type: '' });
  }
  const steps = vertex.module?.split('.') ?? [];
  for (let i = 1; i <= steps.length; i++) {
    const path = steps.slice(0, i).join('.');
    const type = types.get(path);
    if (type !== undefined) nest.push({ kind: 'module', id: path, name: path, type });
  }
  return nest;
}

/** Whether a vertex ends every path on one side: then any group may take it. */
function isEnd(vertex: Vertex): boolean {
  return vertex.kind === 'leaf' || vertex.kind === 'output';
}

/** The tree of groups that the document names. */
export function buildTree(subject: Subject, model: GraphModel): Group {
  const types = new Map(model.document.modules.map(module => [module.path, module.type]));
  const root = group('root', 'root', '');
  const nest: { label: Label; group: Group }[] = [];
  const home = new Map<number, Group>();
  for (const at of topologicalOrder(subject)) {
    const vertex = subject.vertices[at]!;
    if (isEnd(vertex)) continue;
    const wanted = labels(vertex, model, types);
    let same = 0;
    while (same < nest.length && same < wanted.length && nest[same]!.label.id === wanted[same]!.id) same++;
    nest.length = same;
    for (const label of wanted.slice(same)) {
      const parent = nest.length ? nest[nest.length - 1]!.group : root;
      const made = group(label.kind, `${label.kind}:${label.id}:${vertex.key}`, label.name, label.type);
      made.parent = parent;
      parent.children.push(made);
      nest.push({ label, group: made });
    }
    const inner = nest.length ? nest[nest.length - 1]!.group : root;
    inner.children.push(at);
    home.set(at, inner);
  }
  placeEnds(subject, root, home);
  prune(root);
  return root;
}

/** A leaf goes to the innermost group that holds all its users; an output stays outside all but turns. */
function placeEnds(subject: Subject, root: Group, home: Map<number, Group>): void {
  const neighbours = new Map<number, number[]>();
  const note = (end: number, other: number): void => {
    const list = neighbours.get(end);
    if (list) list.push(other);
    else neighbours.set(end, [other]);
  };
  for (const { from, to } of subject.links) {
    if (isEnd(subject.vertices[from]!)) note(from, to);
    if (isEnd(subject.vertices[to]!)) note(to, from);
  }
  subject.vertices.forEach((vertex, at) => {
    if (!isEnd(vertex)) return;
    const homes = (neighbours.get(at) ?? []).flatMap(other => home.get(other) ?? []);
    let place = homes.length ? homes.reduce(commonAncestor) : root;
    while (vertex.kind === 'output' && place.parent && place.kind !== 'turn') place = place.parent;
    place.children.push(at);
  });
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
  const members = membersOf(root);
  const dropped = new Set(groupsOf(root).filter(each => isIdle(each, members)));
  for (const each of [root, ...groupsOf(root)].reverse()) {
    if (!each.children.some(child => typeof child !== 'number' && dropped.has(child))) continue;
    adopt(
      each,
      each.children.flatMap(child =>
        typeof child !== 'number' && dropped.has(child) ? child.children : [child],
      ),
    );
  }
}

function isIdle(each: Group, members: Map<Group, number[]>): boolean {
  const size = members.get(each)!.length;
  if (size < 2) return true;
  if (each.kind !== 'module') return false;
  const whole = size === members.get(each.parent!)!.length;
  // The model itself: its parts are the picture.
  const outermost = !each.name.includes('.') && each.children.some(child => typeof child !== 'number');
  return whole || outermost;
}
