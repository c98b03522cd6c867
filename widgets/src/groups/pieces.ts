/**
 * Cuts what does not repeat into pieces, and those again, until the outermost can be read at a glance. A piece ends
 * where few links pass: at the waist of the graph nearest to where even pieces would end.
 */
import type { GraphModel } from '../model/model.js';
import type { Subject } from '../model/subject.js';
import type { Homes } from './homes.js';
import { group, type Child, type Group } from './tree.js';

/** About so many children a piece: enough to say something, few enough to read; and how far from even it may end. */
const PIECE = 20;
const SLACK = 0.4;

export function cutIntoPieces(
  container: Group,
  given: Child[],
  most: number,
  homes: Homes,
  names: PieceNames,
): Child[] {
  let children = given;
  let passing = linksPassing(container, children, homes);
  const make = (part: Child[]): Group => {
    const [name, type] = names.of(part);
    const piece = group('lines', `lines:${part.length}:${keyOf(part[0]!, homes.subject)}`, name, type);
    homes.fill(piece, part);
    names.learn(piece, part);
    return piece;
  };
  while (children.length > most) {
    // What repeats stays in sight: it says more than the lines around it.
    const beside = stretches(children).flatMap(([first, end]) =>
      end - first > PIECE ? pieceEnds(first, end, passing) : range(first, end),
    );
    const ends = beside.length < children.length ? beside : pieceEnds(0, children.length, passing);
    const starts = [0, ...ends.slice(0, -1)];
    children = ends.map((end, i) =>
      end - starts[i]! > 1 || ends !== beside ? make(children.slice(starts[i], end)) : children[starts[i]!]!,
    );
    passing = [0, ...ends].map(at => passing[at]!);
  }
  return children;
}

/** Where each stretch without repetitions begins and ends, and each repetition. */
function stretches(children: Child[]): [first: number, end: number][] {
  const found: [number, number][] = [];
  let first = 0;
  children.forEach((child, at) => {
    if (typeof child === 'number' || child.kind !== 'repeat') return;
    if (at > first) found.push([first, at]);
    found.push([at, at + 1]);
    first = at + 1;
  });
  if (first < children.length) found.push([first, children.length]);
  return found;
}

/** `end` of each of some children that stay as they are. */
function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i + 1);
}

function keyOf(child: Child, subject: Subject): string {
  return typeof child === 'number' ? subject.vertices.key(child) : child.key;
}

/** How many links pass from before each child to it or behind it, without those of leaves and outputs. */
function linksPassing(container: Group, children: Child[], homes: Homes): number[] {
  const place = new Map<Child, number>(children.map((child, i) => [child, i]));
  const passing = new Array<number>(children.length + 1).fill(0);
  const stack: Child[] = [];
  children.forEach((child, i) => {
    stack.push(child);
    while (stack.length) {
      const at = stack.pop()!;
      if (typeof at !== 'number') {
        for (const each of at.children) stack.push(each);
        continue;
      }
      for (const next of homes.successors(at)) {
        const holder = place.get(next) ?? place.get(homes.childIn(container, next) ?? next);
        if (holder === undefined || holder <= i) continue;
        passing[i + 1]!++;
        passing[holder + 1]!--;
      }
    }
  });
  for (let i = 1; i < passing.length; i++) passing[i]! += passing[i - 1]!;
  return passing;
}

/** One past the last child of each piece of a stretch. */
function pieceEnds(first: number, last: number, passing: number[]): number[] {
  const length = last - first;
  const count = Math.ceil(length / PIECE);
  const size = length / count;
  const reach = Math.floor(size * SLACK);
  const ends: number[] = [];
  for (let piece = 1; piece < count; piece++) {
    const ideal = first + Math.round(piece * size);
    let best = ideal;
    for (let at = ideal - reach; at <= ideal + reach; at++) {
      const better = passing[at]! - passing[best]! || Math.abs(at - ideal) - Math.abs(best - ideal);
      if (better < 0) best = at;
    }
    ends.push(best);
  }
  return [...ends, last];
}

interface Stretch {
  name: string | undefined;
  from: number;
  to: number;
}

/** Name and type of a piece: the function, cell or file that it comes from, and the lines. */
export class PieceNames {
  private readonly sites = new Map<number, Stretch>();
  private readonly groups = new Map<Group, Stretch>();

  constructor(
    private readonly subject: Subject,
    private readonly model: GraphModel,
  ) {}

  of(part: Child[]): [name: string, type: string] {
    const { name, from, to } = this.stretch(part);
    if (from > to) return [name ?? 'part', ''];
    return [name ?? 'part', from === to ? `line ${from}` : `lines ${from}–${to}`];
  }

  learn(piece: Group, part: Child[]): void {
    this.groups.set(piece, this.stretch(part));
  }

  private stretch(part: Child[]): Stretch {
    const all: Stretch = { name: undefined, from: Infinity, to: -Infinity };
    for (const child of part) {
      const { name, from, to } = typeof child === 'number' ? this.ofVertex(child) : this.ofGroup(child);
      all.name ??= name;
      all.from = Math.min(all.from, from);
      all.to = Math.max(all.to, to);
    }
    return all;
  }

  private ofGroup(of: Group): Stretch {
    let found = this.groups.get(of);
    if (!found) this.groups.set(of, (found = this.stretch(of.children)));
    return found;
  }

  private ofVertex(at: number): Stretch {
    const site = this.subject.vertices.columns.site[at]!;
    let found = this.sites.get(site);
    if (!found) {
      const place = site < 0 ? undefined : this.model.place(site);
      const within = place?.site.function;
      // `<listcomp>` and `<lambda>` are no names that the program gave.
      const name = within && !within.startsWith('<') ? within : place?.where.split(',')[0];
      found = { name, from: place?.line ?? Infinity, to: place?.line ?? -Infinity };
      this.sites.set(site, found);
    }
    return found;
  }
}
