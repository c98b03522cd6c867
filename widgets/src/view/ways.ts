/** Ways through the graph itself, whatever is open: around a node, between two, to it and from it. */
import type { Subject } from '../model/subject.js';

/** A set of vertices, as one flag each. */
export type Vertices = Uint8Array;

export class Ways {
  private readonly down: Neighbours;
  private readonly up: Neighbours;
  /** Vertices that stand for the same thing: a shared leaf is drawn once a use. */
  private readonly same = new Map<string, number[]>();

  constructor(private readonly subject: Subject) {
    const count = subject.vertices.length;
    this.down = new Neighbours(count, subject.links, 'from', 'to');
    this.up = new Neighbours(count, subject.links, 'to', 'from');
    subject.vertices.forEach(({ ref, kind }, vertex) => {
      if (!ref || kind !== 'leaf') return;
      const key = `${ref.table}/${ref.id}`;
      const list = this.same.get(key);
      if (list) list.push(vertex);
      else this.same.set(key, [vertex]);
    });
  }

  /** The other uses of a shared leaf, and the vertex itself. */
  uses(vertex: number): number[] {
    const ref = this.subject.vertices[vertex]?.ref;
    return (ref && this.same.get(`${ref.table}/${ref.id}`)) ?? [vertex];
  }

  /** At most `steps` links away, in either direction. */
  around(start: Iterable<number>, steps: number): Vertices {
    return spread(this.subject.vertices.length, start, [this.down, this.up], steps);
  }

  /** All from which a way along the links leads to `end`. */
  reaching(end: Iterable<number>): Vertices {
    return spread(this.subject.vertices.length, end, [this.up]);
  }

  /** All to which a way along the links leads from `start`. */
  reachedFrom(start: Iterable<number>): Vertices {
    return spread(this.subject.vertices.length, start, [this.down]);
  }

  /** All that lie on a way from one to the other, in whichever direction there is one; undefined: there is none. */
  between(a: number[], b: number[]): Vertices | undefined {
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

class Neighbours {
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;

  constructor(count: number, links: Subject['links'], from: 'from' | 'to', to: 'from' | 'to') {
    this.starts = new Int32Array(count + 1);
    for (const link of links) this.starts[link[from] + 1]!++;
    for (let i = 0; i < count; i++) this.starts[i + 1]! += this.starts[i]!;
    const next = this.starts.slice();
    this.ends = new Int32Array(links.length);
    for (const link of links) this.ends[next[link[from]]!++] = link[to];
  }

  of(vertex: number): Int32Array {
    return this.ends.subarray(this.starts[vertex], this.starts[vertex + 1]);
  }
}

function spread(count: number, start: Iterable<number>, along: Neighbours[], steps = Infinity): Vertices {
  const seen = new Uint8Array(count);
  let edge = [...start];
  for (const vertex of edge) seen[vertex] = 1;
  for (let step = 0; step < steps && edge.length; step++) {
    const next: number[] = [];
    for (const vertex of edge)
      for (const neighbours of along)
        for (const end of neighbours.of(vertex)) {
          if (seen[end]) continue;
          seen[end] = 1;
          next.push(end);
        }
    edge = next;
  }
  return seen;
}
