/** Which group each vertex is directly in, and which vertices it is linked with, while a tree is being changed. */
import type { Lists } from '../layout/csr.js';
import type { Subject } from '../model/subject.js';
import { adopt, groupsOf, type Child, type Group } from './tree.js';

export class Homes {
  private readonly home: Group[];
  private readonly from: Int32Array;
  private readonly to: Int32Array;
  private readonly out: Lists;
  private readonly into: Lists;

  constructor(
    readonly subject: Subject,
    root: Group,
  ) {
    const { vertices, links } = subject;
    this.home = new Array<Group>(vertices.length).fill(root);
    this.from = links.from;
    this.to = links.to;
    this.out = links.by('from', vertices.length);
    this.into = links.by('to', vertices.length);
    for (const each of [root, ...groupsOf(root)]) this.settle(each);
  }

  private settle(group: Group): void {
    for (const child of group.children) if (typeof child === 'number') this.home[child] = group;
  }

  of(vertex: number): Group {
    return this.home[vertex]!;
  }

  /** How many boxes some children are in a picture. */
  boxes(children: Child[]): number {
    const { boxes } = this.subject;
    if (!boxes) return children.length;
    return children.reduce<number>((sum, child) => sum + (typeof child === 'number' ? boxes[child]! : 1), 0);
  }

  /** Gives a group its children. */
  fill(group: Group, children: Child[]): Group {
    adopt(group, children);
    this.settle(group);
    return group;
  }

  add(group: Group, vertex: number): void {
    group.children.push(vertex);
    this.home[vertex] = group;
  }

  /** What a vertex leads to, and what leads to it. */
  *neighbours(vertex: number): Iterable<number> {
    for (let k = this.out.start[vertex]!; k < this.out.start[vertex + 1]!; k++) yield this.to[this.out.items[k]!]!;
    for (let k = this.into.start[vertex]!; k < this.into.start[vertex + 1]!; k++) yield this.from[this.into.items[k]!]!;
  } // prettier-ignore

  *successors(vertex: number): Iterable<number> {
    for (let k = this.out.start[vertex]!; k < this.out.start[vertex + 1]!; k++) yield this.to[this.out.items[k]!]!;
  } // prettier-ignore

  /** The child of `container` that holds a vertex or is it; undefined where it is outside. */
  childIn(container: Group, vertex: number): Child | undefined {
    let child: Child = vertex;
    for (let at: Group | undefined = this.home[vertex]; at; at = at.parent) {
      if (at === container) return child;
      child = at;
    }
    return undefined;
  }
}
