/**
 * A finished tree in arrays: all vertices in one order in which those of each group are a stretch, and what each group
 * holds, summed up when first asked for.
 */
import type { Subject } from '../model/subject.js';
import { findingOf, LEAF, NODES, OPS, OUTPUT, TENSORS, type Vertices } from '../model/vertices.js';
import type { Summary } from './scene.js';
import type { Group } from './tree.js';

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
    const summary: Summary = { nodes: 0, ops: 0, inputs: 0, parameters: 0, savedBytes: 0, hooks: 0, freed: false, unknown: false, finding: undefined };
    const { kind, savedBytes, hooks, freed, unknown, finding, table } = vertices.columns;
    const members = this.of(group);
    let gravest = 0;
    for (let i = 0; i < members.length; i++) {
      const at = members[i]!;
      if (kind[at] === OUTPUT) continue;
      if (kind[at] === LEAF) {
        // Drawn once a use, counted once.
        const leaf = this.leafOf[at]!;
        if (this.stamp[leaf] === mark) continue;
        this.stamp[leaf] = mark;
        summary.parameters++;
      }
      summary.nodes++;
      if (table[at] === OPS) summary.ops++;
      else if (table[at] === TENSORS) summary.inputs++;
      summary.hooks += hooks[at]!;
      summary.freed ||= freed[at] === 1 && savedBytes[at]! > 0;
      summary.unknown ||= unknown[at] === 1;
      gravest = Math.max(gravest, finding[at]!);
    }
    summary.savedBytes = vertices.saved(members);
    summary.finding = findingOf(gravest);
    return summary;
  } // prettier-ignore
}

/** The same number for all vertices of one leaf. */
function leafNumbers({ length, columns: { kind, table, id } }: Vertices): Int32Array {
  const known = new Map<number, number>();
  const numbers = new Int32Array(length);
  for (let at = 0; at < length; at++) {
    if (kind[at] !== LEAF) continue;
    const leaf = table[at] === NODES ? id[at]! : -1 - id[at]!;
    let number = known.get(leaf);
    if (number === undefined) known.set(leaf, (number = known.size));
    numbers[at] = number;
  }
  return numbers;
}

const trees = new WeakMap<Group, Members>();

/** Of a tree that no longer changes. */
export function membersIn(root: Group): Members {
  let found = trees.get(root);
  if (!found) trees.set(root, (found = new Members(root)));
  return found;
}
