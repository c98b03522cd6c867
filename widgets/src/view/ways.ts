/** Ways through the graph itself, whatever is open: around a node, between two, to it and from it. */
import type { Lists } from '../layout/csr.js';
import type { Subject } from '../model/subject.js';
import { LEAF } from '../model/vertices.js';

/** A set of vertices, as one flag each. */
export type Marked = Uint8Array;

export class Ways {
  private readonly down: Neighbours;
  private readonly up: Neighbours;
  /** Marked that stand for the same thing: a shared leaf is drawn once a use. */
  private readonly same = new Map<string, number[]>();

  constructor(private readonly subject: Subject) {
    const { vertices, links } = subject;
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

  /** At most `steps` links away, in either direction. */
  around(start: Iterable<number>, steps: number): Marked {
    return spread(this.subject.vertices.length, start, [this.down, this.up], steps);
  }

  /** All from which a way along the links leads to `end`. */
  reaching(end: Iterable<number>): Marked {
    return spread(this.subject.vertices.length, end, [this.up]);
  }

  /** All to which a way along the links leads from `start`. */
  reachedFrom(start: Iterable<number>): Marked {
    return spread(this.subject.vertices.length, start, [this.down]);
  }

  /** All that lie on a way from one to the other, in whichever direction there is one; undefined: there is none. */
  between(a: number[], b: number[]): Marked | undefined {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const reached = this.reachedFrom(from);
      if (!to.some(vertex => reached[vertex])) continue;
      const reaching = this.reaching(to);
      return reached.map((flag, i) => flag & reaching[i]!);
    }
    return undefined;
  }
}

/** Links by the vertex at one of their ends, and the vertices at the other. */
interface Neighbours {
  lists: Lists;
  ends: Int32Array;
}

function spread(count: number, start: Iterable<number>, along: Neighbours[], steps = Infinity): Marked {
  const seen = new Uint8Array(count);
  let edge = [...start];
  for (const vertex of edge) seen[vertex] = 1;
  for (let step = 0; step < steps && edge.length; step++) {
    const next: number[] = [];
    for (const vertex of edge)
      for (const { lists, ends } of along)
        for (let k = lists.start[vertex]!; k < lists.start[vertex + 1]!; k++) {
          const end = ends[lists.items[k]!]!;
          if (seen[end]) continue;
          seen[end] = 1;
          next.push(end);
        }
    edge = next;
  }
  return seen;
}
