/** One topological order of the vertices, by time where the links leave a choice. */
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
  const count = subject.vertices.length;
  const waiting = new Int32Array(count);
  const out: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of subject.links) {
    out[from]!.push(to);
    waiting[to]!++;
  }
  const heap = new Heap(subject.vertices.map(vertex => vertex.time));
  for (let at = 0; at < count; at++) if (waiting[at] === 0) heap.push(at);
  const order: number[] = [];
  while (heap.size) {
    const at = heap.pop();
    order.push(at);
    for (const to of out[at]!) if (--waiting[to]! === 0) heap.push(to);
  }
  if (order.length < count) breakCycles(subject, order);
  return order;
}

function breakCycles(subject: Subject, order: number[]): void {
  const position = new Map(order.map((at, i) => [at, i]));
  subject.vertices.forEach((_, at) => {
    if (position.has(at)) return;
    position.set(at, order.length);
    order.push(at);
  });
  subject.links = subject.links.filter(link => position.get(link.from)! < position.get(link.to)!);
}
