/**
 * Forward trace and backward graph in one: values flow down, gradients up. An op and the node that it made are
 * partners. A leaf is there once, its values leaving it and its gradient coming back to it, and so is an output, where
 * the one turns into the other.
 *
 * Links along which a gradient flows are turned round, so all go with the time in which the ops ran; and an op with
 * its node can be taken for one vertex (`units`) without closing a circle. Groups are made of these, so partners are
 * always in one group.
 */
import { backwardSubject } from './backward.js';
import { forwardSubject } from './forward.js';
import { gathered } from './gathered.js';
import { Links } from './links.js';
import type { GraphModel } from './model.js';
import type { Subject } from './subject.js';
import { FAILED, LEAF, NODE, NODES, OPS, OUTPUT } from './vertices.js';

export interface Sides {
  /** By vertex: the node of an op, the op of a node; -1 where there is none. */
  partner: Int32Array;
  /** By link: 1 where a gradient flows along it, from its lower end to its upper one. */
  up: Uint8Array;
  /** The graph with partners as one vertex, which looks like the op. */
  units: Subject;
  /** The vertices of each unit: one, or an op and its node. */
  members: number[][];
}

export function bothSubject(model: GraphModel): Subject {
  return new Builder(model).build();
}

const [FORWARD, BACKWARD] = [0, 1];

/** A node comes after the op that made it; one without an op after the last one before it that has one. */
const AFTER = { op: 0.5, other: 0.75 };

class Builder {
  private readonly forward: Subject;
  private readonly backward: Subject;
  /** Of each vertex: the subject it is from, its place there, and when it was made. */
  private readonly source: number[] = [];
  private readonly place: number[] = [];
  private readonly time: number[] = [];
  private readonly partner: number[] = [];
  private readonly members: number[][] = [];
  private readonly unitOf: number[] = [];
  /** Where the vertices of each are here; -1: not there. */
  private readonly ofForward: Int32Array;
  private readonly ofBackward: Int32Array;
  /** By vertex of the backward graph: the op that made the node, or -1. */
  private readonly op: Float64Array;
  private readonly from: number[] = [];
  private readonly to: number[] = [];
  private readonly up: number[] = [];
  /** The link of the subject it is from. */
  private readonly like: number[] = [];

  constructor(private readonly model: GraphModel) {
    this.forward = forwardSubject(model);
    this.backward = backwardSubject(model);
    this.ofForward = new Int32Array(this.forward.vertices.length).fill(-1);
    this.ofBackward = new Int32Array(this.backward.vertices.length).fill(-1);
    const { nodes } = model.document.tables;
    const ops = nodes.numbers('op');
    const { table, id } = this.backward.vertices.columns;
    this.op = Float64Array.from(table, (of, at) => (of === NODES ? ops[nodes.find(id[at]!)]! : -1));
  }

  build(): Subject {
    this.addOps();
    this.addNodes();
    this.addEnds();
    this.linkForward();
    this.linkBackward();
    const sources = [this.forward.vertices, this.backward.vertices];
    const vertices = gathered(sources, this.source, this.place);
    const { columns } = vertices;
    columns.time.set(this.time);
    // Hooks fire at the node.
    this.partner.forEach((partner, at) => {
      if (partner >= 0 && columns.table[at] === OPS) columns.hooks[at] = 0;
    });
    const partner = Int32Array.from(this.partner);
    const up = Uint8Array.from(this.up);
    const sides = { partner, up, units: this.units(vertices), members: this.members };
    return { direction: 'both', vertices, links: this.links(at => at), sides };
  }

  private units(vertices: Subject['vertices']): Subject {
    const first = this.members.map(unit => unit[0]!);
    return {
      direction: 'both',
      vertices: gathered([vertices], new Uint8Array(first.length), first),
      links: this.links(at => this.unitOf[at]!),
      boxes: Uint8Array.from(this.members, unit => unit.length),
    };
  }

  private links(end: (vertex: number) => number): Links {
    const { up, like } = this;
    const of = (link: number): Links => (up[link] ? this.backward : this.forward).links;
    return new Links(Int32Array.from(this.from, end), Int32Array.from(this.to, end), {
      name: link => (like[link]! < 0 ? '' : of(link).name(like[link]!)),
      shape: link => (like[link]! < 0 ? '' : of(link).shape(like[link]!)),
    });
  }

  /** Another vertex, in a unit of its own. */
  private add(source: number, place: number, time: number): number {
    const added = this.source.push(source) - 1;
    this.place.push(place);
    this.time.push(time);
    this.partner.push(-1);
    this.unitOf.push(this.members.push([added]) - 1);
    (source === FORWARD ? this.ofForward : this.ofBackward)[place] = added;
    return added;
  }

  private addPartner(op: number, place: number): void {
    const node = this.add(BACKWARD, place, this.time[op]! + AFTER.op);
    this.members.pop();
    this.unitOf[node] = this.unitOf[op]!;
    this.members[this.unitOf[op]!]!.push(node);
    this.partner[op] = node;
    this.partner[node] = op;
  }

  /** Ops in their order, each with its node. */
  private addOps(): void {
    const { op, forward, backward } = this;
    const nodeOf = new Map<number, number>();
    backward.vertices.columns.kind.forEach((kind, at) => {
      if (kind === NODE && op[at]! >= 0) nodeOf.set(op[at]!, at);
    });
    const { table, id, time } = forward.vertices.columns;
    table.forEach((of, at) => {
      if (of !== OPS) return;
      const added = this.add(FORWARD, at, time[at]!);
      const node = nodeOf.get(id[at]!);
      if (node !== undefined) this.addPartner(added, node);
    });
  }

  /** Nodes without an op of their own: each in its place in the order in which nodes were made. */
  private addNodes(): void {
    const { kind, time } = this.backward.vertices.columns;
    const nodes = Array.from(kind.keys()).filter(at => kind[at] === NODE);
    // In the backward graph time runs the other way.
    nodes.sort((a, b) => time[b]! - time[a]! || a - b);
    let last = 0;
    for (const at of nodes) {
      const added = this.ofBackward[at]!;
      if (added >= 0) last = Math.max(last, Math.floor(this.time[added]!));
      else this.add(BACKWARD, at, last + AFTER.other);
    }
  }

  /** Leaves and outputs of the backward graph; what else the trace has comes with its links. */
  private addEnds(): void {
    const { vertices, links } = this.backward;
    const { kind } = vertices.columns;
    // The op that raised is in the trace, and so is what only it was given.
    const given = new Uint8Array(vertices.length);
    for (let link = 0; link < links.length; link++)
      if (kind[links.from[link]!] !== FAILED) given[links.to[link]!] = 1;
    kind.forEach((of, at) => {
      const isLeaf = of === LEAF && (given[at] === 1 || vertices.columns.table[at] === NODES);
      if (isLeaf || of === OUTPUT) this.add(BACKWARD, at, 0);
    });
  }

  private link(from: number, to: number, up: boolean, like: number): void {
    this.from.push(from);
    this.to.push(to);
    this.up.push(Number(up));
    this.like.push(like);
  }

  private linkForward(): void {
    const { vertices, links } = this.forward;
    const { kind, id } = vertices.columns;
    const leaves = this.leavesOfOps();
    const outputs = this.outputs();
    const placed = (at: number): number => {
      const known = this.ofForward[at]!;
      return known >= 0 ? known : this.add(FORWARD, at, 0);
    };
    const met = new Set<number>();
    for (let link = 0; link < links.length; link++) {
      const [from, to] = [links.from[link]!, links.to[link]!];
      const leaf = kind[from] === LEAF ? leaves.get(`${id[from]!}/${id[to]!}`) : undefined;
      const output = kind[to] === OUTPUT ? outputs.get(id[to]!) : undefined;
      if (output !== undefined) met.add(output);
      this.link(leaf ?? placed(from), output ?? placed(to), false, link);
    }
    this.linkOutputs(met);
  }

  /** The leaf that an op's node leads to, by tensor and op. */
  private leavesOfOps(): Map<string, number> {
    const { vertices, links } = this.backward;
    const { kind, table, id } = vertices.columns;
    const { nodes } = this.model.document.tables;
    const variables = nodes.numbers('variable');
    const found = new Map<string, number>();
    for (let link = 0; link < links.length; link++) {
      const [op, to] = [this.op[links.from[link]!]!, links.to[link]!];
      if (op < 0 || kind[to] !== LEAF || table[to] !== NODES) continue;
      found.set(`${variables[nodes.find(id[to]!)]!}/${op}`, this.ofBackward[to]!);
    }
    return found;
  }

  /** By tensor. */
  private outputs(): Map<number, number> {
    const { kind, id } = this.backward.vertices.columns;
    const found = new Map<number, number>();
    kind.forEach((of, at) => {
      if (of === OUTPUT) found.set(id[at]!, this.ofBackward[at]!);
    });
    return found;
  }

  /** An output of the backward graph that some op read is none of the trace, and yet the result of its op. */
  private linkOutputs(met: ReadonlySet<number>): void {
    const { vertices, links } = this.backward;
    for (let link = 0; link < links.length; link++) {
      const [from, to] = [links.from[link]!, links.to[link]!];
      if (vertices.columns.kind[from] !== OUTPUT || met.has(this.ofBackward[from]!)) continue;
      const op = this.partner[this.ofBackward[to]!]!;
      if (op >= 0) this.link(op, this.ofBackward[from]!, false, -1);
    }
  }

  /** Turned round: from what takes a gradient down to what gives it. */
  private linkBackward(): void {
    const { links } = this.backward;
    for (let link = 0; link < links.length; link++) {
      const [from, to] = [this.ofBackward[links.from[link]!]!, this.ofBackward[links.to[link]!]!];
      if (from >= 0 && to >= 0) this.link(to, from, true, link);
    }
  }
}
