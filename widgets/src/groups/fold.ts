/**
 * Folds what is too much for one picture: equal neighbours into "× n the same", and, where nothing repeats, long
 * stretches into pieces. Works within one container at a time, on consecutive children, so groups stay intervals.
 */
import type { GraphModel } from '../model/model.js';
import type { Subject, Vertex } from '../model/subject.js';
import { splitName } from '../model/names.js';
import { findRuns, type Run } from './repetition.js';
import { adopt, group, groupsOf, membersOf, type Child, type Group } from './tree.js';

/** Children of one container that are still read at a glance. */
export const GLANCE = 60;

/** A run is folded from this many turns on. */
const LEAST_TURNS = 3;

export function fold(root: Group, subject: Subject, model: GraphModel): void {
  const sites = places(model);
  for (const container of [root, ...groupsOf(root)].reverse()) {
    foldRepeats(container, subject, sites);
    if (container.children.length > GLANCE) foldPieces(container, subject, model);
  }
}

/** Where each site lies. A place may have two: CPython moves a call's instruction once it has run a few times. */
function places(model: GraphModel): Map<number, string> {
  return new Map(model.document.sites.map(({ id, ...place }) => [id, JSON.stringify(place)]));
}

/** Interns what a child looks like: equal signs are equal to the eye. */
class Signs {
  private readonly known = new Map<string, number>();
  constructor(
    private readonly subject: Subject,
    private readonly sites: Map<number, string>,
  ) {}

  private intern(text: string): number {
    let sign = this.known.get(text);
    if (sign === undefined) this.known.set(text, (sign = this.known.size));
    return sign;
  }

  of(child: Child, members: Map<Group, number[]>): number {
    if (typeof child === 'number') return this.intern(this.vertex(this.subject.vertices[child]!));
    const inside = members.get(child)!.map(at => this.intern(this.vertex(this.subject.vertices[at]!)));
    return this.intern(`${child.kind} ${child.type}(${inside.join()})`);
  }

  private vertex(vertex: Vertex): string {
    const name = vertex.name.replace(/\d+/g, '#');
    const place = vertex.kind === 'leaf' || vertex.site === undefined ? '' : this.sites.get(vertex.site);
    return `${vertex.kind} ${name} ${place} ${vertex.shape}`;
  }
}

/** Leaves and outputs stand apart from the sequence of a container: they go where their users go. */
function spineOf(container: Group, subject: Subject): { spine: Child[]; ends: number[] } {
  const isEnd = (child: Child): child is number =>
    typeof child === 'number' && ['leaf', 'output'].includes(subject.vertices[child]!.kind);
  return {
    spine: container.children.filter(child => !isEnd(child)),
    ends: container.children.filter(isEnd),
  };
}

function foldRepeats(container: Group, subject: Subject, sites: Map<number, string>): void {
  const { spine, ends } = spineOf(container, subject);
  if (spine.length < LEAST_TURNS) return;
  const members = membersOf(container);
  const signs = new Signs(subject, sites);
  const sequence = spine.map(child => signs.of(child, members));
  const runs = findRuns(sequence, LEAST_TURNS).filter(
    run => run.count * run.period >= 6 || typeof spine[run.start] !== 'number',
  );
  if (!runs.length) return;
  const children: Child[] = [];
  let at = 0;
  for (const run of runs) {
    children.push(...spine.slice(at, run.start), ...foldRun(spine, run, subject));
    at = run.start + run.count * run.period;
  }
  children.push(...spine.slice(at));
  adopt(container, children);
  settleEnds(container, ends, subject);
}

/** Modules that repeat become one box; a loop's ops keep their first and last turn in sight. */
function foldRun(spine: Child[], run: Run, subject: Subject): Child[] {
  const stretch = spine.slice(run.start, run.start + run.count * run.period);
  const first = stretch[0]!;
  if (run.period === 1 && typeof first !== 'number') {
    const repeat = group('repeat', `repeat:${first.key}`, rangeName(stretch), first.type, run.count);
    adopt(repeat, inPieces(stretch, 1, rangeName, subject));
    return [repeat];
  }
  const inner = run.count - 2;
  if (inner < 2) return stretch;
  const turns = stretch.slice(run.period, -run.period);
  const name = periodName(stretch.slice(0, run.period), subject);
  const repeat = group('repeat', `repeat:${keyOf(turns[0]!, subject)}`, name, '', inner);
  adopt(
    repeat,
    inPieces(turns, run.period, () => name, subject),
  );
  return [...stretch.slice(0, run.period), repeat, ...stretch.slice(-run.period)];
}

/** `model.0 – model.23` */
function rangeName(groups: Child[]): string {
  const names = [groups[0]!, groups[groups.length - 1]!].map(child => (child as Group).name.split(' – '));
  const ends = names.flat().sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return `${ends[0]} – ${ends[ends.length - 1]}`;
}

/** `Tanh → Mul`: what one turn is made of. */
function periodName(turn: Child[], subject: Subject): string {
  const names = turn.map(child =>
    typeof child === 'number' ? splitName(subject.vertices[child]!.name)[0] : child.name,
  );
  return names.length > 3
    ? `${names.slice(0, 2).join(' → ')} → … → ${names[names.length - 1]}`
    : names.join(' → ');
}

function keyOf(child: Child, subject: Subject): string {
  return typeof child === 'number' ? subject.vertices[child]!.key : child.key;
}

/** No piece has more pieces than this. */
const PIECES = 50;

/** Cuts turns into pieces of about the square root, until each level can be read at a glance. */
function inPieces(
  children: Child[],
  unit: number,
  name: (part: Child[]) => string,
  subject: Subject,
): Child[] {
  if (children.length <= GLANCE) return children;
  const turns = Math.ceil(children.length / unit);
  const size = Math.max(Math.ceil(Math.sqrt(turns)), Math.ceil(turns / PIECES)) * unit;
  if (size >= children.length) return children;
  const pieces: Child[] = [];
  for (let at = 0; at < children.length; at += size) {
    const part = children.slice(at, at + size);
    const key = `turns:${size}:${keyOf(part[0]!, subject)}`;
    const piece = group('repeat', key, name(part), '', part.length / unit);
    adopt(piece, inPieces(part, unit, name, subject));
    pieces.push(piece);
  }
  return pieces;
}

/** About so many children a piece: enough to say something, few enough to read. */
const PIECE = 20;

/** What does not repeat is cut into even pieces, and those again, until the outermost can be read at a glance. */
function foldPieces(container: Group, subject: Subject, model: GraphModel): void {
  const { spine, ends } = spineOf(container, subject);
  let children: Child[] = spine;
  while (children.length > GLANCE) {
    const size = Math.ceil(children.length / Math.ceil(children.length / PIECE));
    const pieces: Child[] = [];
    for (let at = 0; at < children.length; at += size) {
      const part = children.slice(at, at + size);
      const piece = group(
        'lines',
        `lines:${size}:${keyOf(part[0]!, subject)}`,
        ...lines(part, subject, model),
      );
      adopt(piece, part);
      pieces.push(piece);
    }
    children = pieces;
  }
  if (children === spine) return;
  adopt(container, children);
  settleEnds(container, ends, subject);
}

/** Name and type of a piece: the cell or file it comes from, and the lines. */
function lines(part: Child[], subject: Subject, model: GraphModel): [string, string] {
  const vertices = part.flatMap(child =>
    typeof child === 'number' ? [child] : membersOf(child).get(child)!,
  );
  const ids = new Set(vertices.map(at => subject.vertices[at]!.site));
  const sites = [...ids].flatMap(site => model.place(site) ?? []);
  const numbers = sites.flatMap(place => place.line ?? []);
  const from = Math.min(...numbers);
  const to = Math.max(...numbers);
  const name = sites[0]?.site.function ?? sites[0]?.where.split(',')[0] ?? 'part';
  if (!numbers.length) return [name, ''];
  return [name, from === to ? `line ${from}` : `lines ${from}–${to}`];
}

/** More leaves or outputs than this beside a container's other children would hide those. */
const ENDS_BESIDE = 20;

/**
 * Puts each leaf into the innermost of the new groups that holds all who use it; an output stays outside. Where that
 * leaves too many outside, they go to the first that uses them: an end may stand in any group.
 */
function settleEnds(container: Group, ends: number[], subject: Subject): void {
  const home = new Map<number, Group>();
  for (const each of [container, ...groupsOf(container)]) {
    for (const child of each.children) if (typeof child === 'number') home.set(child, each);
  }
  const known = new Set(ends);
  const first = new Map<number, Group>();
  const shared = new Map<number, Group>();
  const join = (end: number, user: number): void => {
    const place = home.get(user) ?? container;
    const before = shared.get(end);
    if (!before) first.set(end, place);
    shared.set(end, before ? common(before, place, container) : place);
  };
  for (const { from, to } of subject.links) {
    if (known.has(to)) join(to, from);
    if (known.has(from)) join(from, to);
  }
  const wanted = (end: number): Group =>
    subject.vertices[end]!.kind === 'output' ? container : (shared.get(end) ?? container);
  const crowded = ends.filter(end => wanted(end) === container).length > ENDS_BESIDE;
  for (const end of ends) {
    const place = wanted(end);
    (crowded && place === container ? (first.get(end) ?? container) : place).children.push(end);
  }
}

function common(a: Group, b: Group, limit: Group): Group {
  const above = new Set<Group>([limit]);
  for (let at: Group | undefined = a; at && at !== limit; at = at.parent) above.add(at);
  let found: Group = b;
  while (!above.has(found) && found.parent) found = found.parent;
  return above.has(found) ? found : limit;
}
