/**
 * A finished tree in arrays: all vertices in one order in which those of each group are a stretch, and what each group
 * holds, summed up when first asked for.
 */
import type { Severity, Subject } from '../model/subject.js';
import type { Summary } from './scene.js';
import type { Group } from './tree.js';

const GRAVITY: Record<Severity, number> = { error: 3, warning: 2, info: 1 };

export class Members {
  /** Parents before children; the root is the first. */
  readonly groups: Group[] = [];
  private readonly order: Int32Array;
  private readonly first: Int32Array;
  private readonly last: Int32Array;
  private readonly index = new Map<Group, number>();
  private readonly summaries = new Map<Group, Summary>();
  private leafOf: Int32Array | undefined;
  private stamp = new Int32Array();

  constructor(root: Group) {
    const first: number[] = [];
    const last: number[] = [];
    const order: number[] = [];
    const stack: { group: Group; next: number }[] = [];
    const enter = (group: Group): void => {
      this.index.set(group, this.groups.push(group) - 1);
      first.push(order.length);
      stack.push({ group, next: 0 });
    };
    enter(root);
    while (stack.length) {
      const top = stack[stack.length - 1]!;
      const child = top.group.children[top.next++];
      if (child === undefined) {
        last[this.index.get(top.group)!] = order.length;
        stack.pop();
      } else if (typeof child === 'number') order.push(child);
      else enter(child);
    }
    this.order = Int32Array.from(order);
    this.first = Int32Array.from(first);
    this.last = Int32Array.from(last);
  }

  /** The vertices at any depth below a group of the tree. */
  of(group: Group): Int32Array {
    const at = this.index.get(group)!;
    return this.order.subarray(this.first[at], this.last[at]);
  }

  summary(group: Group, subject: Subject): Summary {
    let found = this.summaries.get(group);
    if (!found) this.summaries.set(group, (found = this.sum(group, subject)));
    return found;
  }

  private sum(group: Group, { vertices }: Subject): Summary {
    this.leafOf ??= leafNumbers(vertices);
    if (!this.stamp.length) this.stamp = new Int32Array(vertices.length + 1);
    const mark = this.index.get(group)! + 1;
    const summary: Summary = { nodes: 0, parameters: 0, savedBytes: 0, hooks: 0, freed: false, finding: undefined };
    let gravest = 0;
    for (const at of this.of(group)) {
      const vertex = vertices[at]!;
      if (vertex.kind === 'output') continue;
      if (vertex.kind === 'leaf') {
        // Drawn once a use, counted once.
        const leaf = this.leafOf[at]!;
        if (this.stamp[leaf] === mark) continue;
        this.stamp[leaf] = mark;
        summary.parameters++;
      }
      summary.nodes++;
      summary.savedBytes += vertex.savedBytes;
      summary.hooks += vertex.hooks;
      summary.freed ||= vertex.freed && vertex.savedBytes > 0;
      if (vertex.finding && GRAVITY[vertex.finding] > gravest) {
        gravest = GRAVITY[vertex.finding];
        summary.finding = vertex.finding;
      }
    }
    return summary;
  } // prettier-ignore
}

/** The same number for all vertices of one leaf. */
function leafNumbers(vertices: Subject['vertices']): Int32Array {
  const known = new Map<number | string, number>();
  return Int32Array.from(vertices, ({ kind, ref, key }) => {
    if (kind !== 'leaf') return 0;
    const leaf = !ref ? key : ref.table === 'nodes' ? ref.id : -1 - ref.id;
    let number = known.get(leaf);
    if (number === undefined) known.set(leaf, (number = known.size));
    return number;
  });
}

const trees = new WeakMap<Group, Members>();

/** Of a tree that no longer changes. */
export function membersIn(root: Group): Members {
  let found = trees.get(root);
  if (!found) trees.set(root, (found = new Members(root)));
  return found;
}
