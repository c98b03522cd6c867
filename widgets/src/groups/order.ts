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
export function topologicalOrder(subject: Subject): Int32Array {
  const { vertices, links } = subject;
  const count = vertices.length;
  const waiting = new Int32Array(count);
  for (let link = 0; link < links.length; link++) waiting[links.to[link]!]!++;
  const { start, items } = links.by('from', count);
  const heap = new Heap(vertices.columns.time);
  for (let at = 0; at < count; at++) if (waiting[at] === 0) heap.push(at);
  const order = new Int32Array(count);
  let found = 0;
  while (heap.size) {
    const at = heap.pop();
    order[found++] = at;
    for (let k = start[at]!; k < start[at + 1]!; k++) {
      const to = links.to[items[k]!]!;
      if (--waiting[to]! === 0) heap.push(to);
    }
  }
  if (found < count) breakCycles(subject, order, found);
  return order;
}

function breakCycles(subject: Subject, order: Int32Array, found: number): void {
  const position = new Int32Array(order.length).fill(-1);
  for (let i = 0; i < found; i++) position[order[i]!] = i;
  let next = found;
  for (let at = 0; at < position.length; at++) {
    if (position[at]! >= 0) continue;
    position[at] = next;
    order[next++] = at;
  }
  const { from, to } = subject.links;
  subject.links = subject.links.take(
    Int32Array.from(from.keys()).filter(link => position[from[link]!]! < position[to[link]!]!),
  );
}
