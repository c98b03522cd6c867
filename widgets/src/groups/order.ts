/** One topological order of the vertices, by time where the links leave a choice. */
import { listsBy } from '../layout/csr.js';
import type { Subject } from '../model/subject.js';

/** A binary heap of vertices, the least `time` first, then the least index. */
class Heap {
  private readonly items: number[] = [];
  constructor(private readonly time: ArrayLike<number>) {}

  get size(): number {
    return this.items.length;
  }

  private before(a: number, b: number): boolean {
    return this.time[a]! < this.time[b]! || (this.time[a] === this.time[b] && a < b);
  }

  push(item: number): void {
    const { items } = this;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(item, items[parent]!)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number {
    const { items } = this;
    const top = items[0]!;
    const last = items.pop()!;
    if (items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.before(items[child + 1]!, items[child]!)) child++;
      if (!this.before(items[child]!, last)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}

/** Vertices on a cycle, which no engine makes but a forged document may, come last; links back among them are dropped. */
export function topologicalOrder(subject: Subject): number[] {
  const { links } = subject;
  const count = subject.vertices.length;
  const waiting = new Int32Array(count);
  for (const { to } of links) waiting[to]!++;
  const out = listsBy(
    Int32Array.from(links, link => link.from),
    count,
  );
  const heap = new Heap(Float64Array.from(subject.vertices, vertex => vertex.time));
  for (let at = 0; at < count; at++) if (waiting[at] === 0) heap.push(at);
  const order: number[] = [];
  while (heap.size) {
    const at = heap.pop();
    order.push(at);
    for (let k = out.start[at]!; k < out.start[at + 1]!; k++) {
      const { to } = links[out.items[k]!]!;
      if (--waiting[to]! === 0) heap.push(to);
    }
  }
  if (order.length < count) breakCycles(subject, order);
  return order;
}

function breakCycles(subject: Subject, order: number[]): void {
  const position = new Int32Array(subject.vertices.length).fill(-1);
  order.forEach((at, i) => (position[at] = i));
  for (let at = 0; at < position.length; at++) if (position[at]! < 0) position[at] = order.push(at) - 1;
  subject.links = subject.links.filter(link => position[link.from]! < position[link.to]!);
}
