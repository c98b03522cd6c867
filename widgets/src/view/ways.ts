/** Ways through the graph itself, whatever is open: around a node, between two, to it and from it. */
import type { Lists } from '../layout/csr.js';
import type { Subject } from '../model/subject.js';
import { Links } from '../model/links.js';
import { LEAF, OUTPUT } from '../model/vertices.js';

/** A set of vertices, as one flag each. */
export type Marked = Uint8Array;

export class Ways {
  private readonly down: Neighbours;
  private readonly up: Neighbours;
  /** Marked that stand for the same thing: a shared leaf is drawn once a use. */
  private readonly same = new Map<string, number[]>();

  constructor(private readonly subject: Subject) {
    const { vertices } = subject;
    const links = flowOf(subject);
    this.down = { lists: links.by('from', vertices.length), ends: links.to };
    this.up = { lists: links.by('to', vertices.length), ends: links.from };
    for (let vertex = 0; vertex < vertices.length; vertex++) {
      const key = this.thing(vertex);
      if (key === undefined) continue;
      const list = this.same.get(key);
      if (list) list.push(vertex);
      else this.same.set(key, [vertex]);
    }
  }

  /** What a leaf stands for. */
  private thing(vertex: number): string | undefined {
    const { kind, table, id } = this.subject.vertices.columns;
    return kind[vertex] === LEAF && table[vertex] ? `${table[vertex]}/${id[vertex]}` : undefined;
  }

  /** The other uses of a shared leaf, and the vertex itself. */
  uses(vertex: number): number[] {
    const key = this.thing(vertex);
    return (key !== undefined && this.same.get(key)) || [vertex];
  }

  /** At most `steps` links away, in either direction; a step leads to a partner too. */
  around(start: Iterable<number>, steps: number): Marked {
    return this.spread(start, [this.down, this.up], () => true, steps);
  }

  /** All from which a way along the links leads to `end`. */
  reaching(end: Iterable<number>): Marked {
    return this.spread(end, [this.up], this.straight);
  }

  /** All to which a way along the links leads from `start`. */
  reachedFrom(start: Iterable<number>): Marked {
    return this.spread(start, [this.down], this.straight);
  }

  /**
   * All that lie on a way from one to the other, in whichever direction there is one; undefined: there is none. From an
   * op to a node of the other side the way is through an output.
   */
  between(a: number[], b: number[]): Marked | undefined {
    const { sides, vertices } = this.subject;
    const throughOutputs = (vertex: number): boolean => vertices.columns.kind[vertex] !== LEAF;
    for (const goesOn of sides ? [this.straight, throughOutputs] : [this.straight])
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const) {
        const reached = this.spread(from, [this.down], goesOn);
        if (!to.some(vertex => reached[vertex])) continue;
        const reaching = this.spread(to, [this.up], goesOn);
        // A leaf between the two would be one that gradients end at and values begin at.
        const ends = new Set([...from, ...to]);
        const isOn = (i: number): boolean => !sides || throughOutputs(i) || ends.has(i);
        return reached.map((flag, i) => (isOn(i) ? flag & reaching[i]! : 0));
      }
    return undefined;
  }

  /** Where values turn into gradients, and gradients end at what has values, a way from elsewhere ends. */
  private readonly straight = (vertex: number): boolean => {
    const kind = this.subject.vertices.columns.kind[vertex];
    return !this.subject.sides || (kind !== LEAF && kind !== OUTPUT);
  };

  private spread(
    start: Iterable<number>,
    along: Neighbours[],
    goesOn: (vertex: number) => boolean,
    steps = Infinity,
  ): Marked {
    const partner = along.length > 1 ? this.subject.sides?.partner : undefined;
    return spread(this.subject.vertices.length, start, along, goesOn, partner, steps);
  }
}

/** The links in the direction in which values and gradients flow along them. */
function flowOf({ links, sides }: Subject): Links {
  if (!sides) return links;
  const { up } = sides;
  const ends = (of: Int32Array, other: Int32Array): Int32Array =>
    of.map((end, link) => (up[link] ? other[link]! : end));
  return new Links(ends(links.from, links.to), ends(links.to, links.from), links);
}

/** Links by the vertex at one of their ends, and the vertices at the other. */
interface Neighbours {
  lists: Lists;
  ends: Int32Array;
}

function spread(
  count: number,
  start: Iterable<number>,
  along: Neighbours[],
  goesOn: (vertex: number) => boolean,
  partner: Int32Array | undefined,
  steps: number,
): Marked {
  const seen = new Uint8Array(count);
  let edge = [...start];
  for (const vertex of edge) seen[vertex] = 1;
  for (let step = 0; step < steps && edge.length; step++) {
    const next: number[] = [];
    const meet = (end: number): void => {
      if (end < 0 || seen[end]) return;
      seen[end] = 1;
      next.push(end);
    };
    for (const vertex of edge) {
      if (step > 0 && !goesOn(vertex)) continue;
      if (partner) meet(partner[vertex]!);
      for (const { lists, ends } of along)
        for (let k = lists.start[vertex]!; k < lists.start[vertex + 1]!; k++) meet(ends[lists.items[k]!]!);
    }
    edge = next;
  }
  return seen;
}
