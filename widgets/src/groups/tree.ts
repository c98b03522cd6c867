/**
 * Groups as intervals of one topological order of the vertices.
 *
 * Invariant: the vertices of a group that have both a link in and a link out are consecutive in that order. So no
 * path leaves a group and comes back, and a graph in which any set of groups is drawn as single boxes has no cycle.
 * Leaves and outputs end every path, hence they may join any group without breaking it.
 */
import type { GraphModel } from '../model/model.js';
import type { Subject, Vertex } from '../model/subject.js';
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

interface Label {
  kind: GroupKind;
  id: string;
  name: string;
  type: string;
}

/** Where a graph is of several cells, so many neighbours of one that are in no module are a group. */
const CELL_FROM = 8;
/** A graph of fewer vertices shows its cells in the panel alone. */
const CELLS_FROM = 60;

/**
 * The nests of groups that vertices belong to, outermost first: turns of loops, then modules along the path, or the
 * cell of what is in none.
 */
class Labels {
  private readonly types = new Map<string, string>();
  private readonly known = new Map<string, Label[]>();
  private readonly cells = new Map<number, Label | undefined>();
  private readonly severalCells: boolean;

  constructor(
    private readonly model: GraphModel,
    subject: Subject,
  ) {
    const first = new Set<string>();
    if (subject.vertices.length >= CELLS_FROM)
      for (const { site } of subject.vertices) {
        const label = this.cellOf(site);
        if (label) first.add(label.id);
        if (first.size > 1) break;
      }
    this.severalCells = first.size > 1;
    const { modules } = model.document.tables;
    const [paths, types] = [modules.coded('path'), modules.coded('type')];
    for (let i = 0; i < modules.length; i++)
      this.types.set(paths.values[paths.index[i]!] as string, types.values[types.index[i]!] as string);
  }

  private cellOf(site: number | undefined): Label | undefined {
    if (site === undefined) return undefined;
    if (!this.cells.has(site)) {
      const cell = this.model.place(site)?.cell;
      const name = this.model.cellName(cell);
      this.cells.set(site, cell && { kind: 'cell', id: `cell ${cell.id}`, name, type: '' });
    }
    return this.cells.get(site);
  }

  of({ repeat, module, site }: Vertex): Label[] {
    const cell = this.severalCells && module === undefined ? this.cellOf(site) : undefined;
    const key = `${repeat ? `${repeat.id}.${repeat.turn}` : ''} ${module ?? ''} ${cell?.id ?? ''}`;
    let nest = this.known.get(key);
    if (!nest) this.known.set(key, (nest = this.make(repeat, module, cell)));
    return nest;
  }

  private make(repeat: Vertex['repeat'], module: string | undefined, cell: Label | undefined): Label[] {
    const nest: Label[] = [];
    if (repeat) {
      const { id, turn } = repeat;
      const of = this.model.repeats.get(id)?.count;
      const name = of
        ? `turn ${(turn + 1).toLocaleString('en-US')} of ${of.toLocaleString('en-US')}`
        : `turn ${turn + 1}`;
      nest.push({ kind: 'turn', id: `${id}.${turn}`, name, type: '' });
    }
    for (let end = module?.indexOf('.') ?? -1; module !== undefined; end = module.indexOf('.', end + 1)) {
      const path = end < 0 ? module : module.slice(0, end);
      const type = this.types.get(path);
      if (type !== undefined) nest.push({ kind: 'module', id: path, name: path, type });
      if (end < 0) break;
    }
    if (cell) nest.push(cell);
    return nest;
  }
}

/** Whether a vertex ends every path on one side: then any group may take it. */
function isEnd(vertex: Vertex): boolean {
  return vertex.kind === 'leaf' || vertex.kind === 'output';
}

/** The tree of groups that the document names. */
export function buildTree(subject: Subject, model: GraphModel): Group {
  const labels = new Labels(model, subject);
  const root = group('root', 'root', '');
  const nest: { label: Label; group: Group }[] = [];
  const home = new Map<number, Group>();
  for (const at of topologicalOrder(subject)) {
    const vertex = subject.vertices[at]!;
    if (isEnd(vertex)) continue;
    const wanted = labels.of(vertex);
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
  const { vertices, links } = subject;
  const places = new Map<number, Group>();
  const join = (end: number, other: number): void => {
    const user = home.get(other);
    if (!user) return;
    const before = places.get(end);
    if (before !== user) places.set(end, before ? commonAncestor(before, user) : user);
  };
  const ends = vertices.map(isEnd);
  for (const { from, to } of links) {
    if (ends[from]) join(from, to);
    if (ends[to]) join(to, from);
  }
  vertices.forEach((vertex, at) => {
    if (!ends[at]) return;
    let place = places.get(at) ?? root;
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
