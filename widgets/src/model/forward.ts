/**
 * The forward trace as it is drawn: what the ops read on top, results flowing down. Walks over columns, by row numbers,
 * as the backward graph does.
 */
import { shape as shapeText } from '../document/format.js';
import { Links } from './links.js';
import type { GraphModel } from './model.js';
import type { Subject } from './subject.js';
import { opColumns, type OpStanding } from './op-columns.js';
import { LEAF, OUTPUT } from './vertices.js';

/** From this many readers on, an input is drawn once a use, as a leaf of the backward graph is. */
const PROXIES_FROM = 3;

export function forwardSubject(model: GraphModel): Subject {
  return new Builder(model).build();
}

class Builder {
  private readonly standing: OpStanding = { op: [], tensor: [], use: [], ends: new Map() };
  private readonly from: number[] = [];
  private readonly to: number[] = [];
  /** The tensor that goes along each link, by row. */
  private readonly along: number[] = [];
  private readonly ids;
  private readonly repeats;
  private readonly turns;
  /** The ops by row, in the order in which they ran. */
  private readonly order: Int32Array;
  /** Of each tensor, by row: the vertex that made its present value (an op in place takes its tensor over), or -1. */
  private readonly maker: Int32Array;
  /** How many ops read it. */
  private readonly reads: Int32Array;
  /** When it was made, if nothing has read it since; else 0. */
  private readonly unread: Float64Array;
  private readonly leaves = new Map<string, number>();

  constructor(private readonly model: GraphModel) {
    const { ops, tensors } = model.document.tables;
    this.ids = ops.numbers('id');
    this.repeats = ops.numbers('repeat');
    this.turns = ops.numbers('turn');
    this.order = Int32Array.from(this.ids.keys()).sort((a, b) => this.ids[a]! - this.ids[b]!);
    this.maker = new Int32Array(tensors.length).fill(-1);
    this.reads = new Int32Array(tensors.length);
    this.unread = new Float64Array(tensors.length);
  }

  build(): Subject {
    const { document } = this.model;
    const { ops, tensors } = document.tables;
    const failed = ops.find(document.failure?.about?.find(ref => ref.table === 'ops')?.id);
    const [inputs, outputs] = [ops.lists('inputs'), ops.lists('outputs')];
    const [read, made] = [tensors.findAll(inputs.items), tensors.findAll(outputs.items)];
    const stamp = new Int32Array(tensors.length).fill(-1);
    for (const op of this.order)
      for (let k = inputs.start[op]!; k < inputs.start[op + 1]!; k++) {
        const tensor = read[k]!;
        if (tensor < 0 || stamp[tensor] === op) continue;
        stamp[tensor] = op;
        this.reads[tensor]!++;
      }
    let time = 0;
    for (const op of this.order) {
      this.add(op, read.subarray(inputs.start[op], inputs.start[op + 1]));
      const at = this.standing.op.length - 1;
      for (let k = outputs.start[op]!; k < outputs.start[op + 1]!; k++) {
        const tensor = made[k]!;
        if (tensor < 0) continue;
        this.maker[tensor] = at;
        this.unread[tensor] = ++time;
      }
    }
    this.addOutputs(failed);
    return {
      direction: 'forward',
      vertices: opColumns(this.model, this.standing, failed),
      links: this.links(),
    };
  }

  private links(): Links {
    const { tensors } = this.model.document.tables;
    const along = Int32Array.from(this.along);
    return new Links(Int32Array.from(this.from), Int32Array.from(this.to), {
      name: link => tensors.value(along[link]!, 'name') ?? '',
      shape: link => shapeText(tensors.value(along[link]!, 'shape')!),
    });
  }

  /** One vertex, `use` telling apart what stands for the same tensor. */
  private stand(op: number, tensor = -1, use = ''): number {
    this.standing.tensor.push(tensor);
    this.standing.use.push(use);
    return this.standing.op.push(op) - 1;
  }

  private add(op: number, inputs: Int32Array): void {
    const sources: number[] = [];
    const first = this.from.length;
    for (const tensor of inputs) {
      if (tensor < 0) continue;
      this.unread[tensor] = 0;
      const made = this.maker[tensor]!;
      const from = made < 0 ? this.leaf(tensor, op) : made;
      sources.push(from);
      this.from.push(from);
      this.along.push(tensor);
    }
    const at = this.stand(op);
    if (sources.length > 1) this.dropRepeated(first);
    while (this.to.length < this.from.length) this.to.push(at);
  }

  /** A vertex leads to an op once, whatever it reads twice. */
  private dropRepeated(first: number): void {
    const seen = new Set<number>();
    let kept = first;
    for (let link = first; link < this.from.length; link++) {
      if (seen.has(this.from[link]!)) continue;
      seen.add(this.from[link]!);
      this.from[kept] = this.from[link]!;
      this.along[kept++] = this.along[link]!;
    }
    this.from.length = this.along.length = kept;
  }

  /** One vertex a turn of a loop, or a use: long links to an input say less than its name beside the reader. */
  private leaf(tensor: number, reader: number): number {
    const once = this.reads[tensor]! >= PROXIES_FROM;
    const [repeat, turn] = [this.repeats[reader]!, Math.max(0, this.turns[reader]!)];
    const use = once ? `/${this.ids[reader]}` : repeat < 0 ? '' : `/${repeat}.${turn}`;
    const key = `${tensor}${use}`;
    let at = this.leaves.get(key);
    if (at === undefined) {
      at = this.stand(reader, tensor, use);
      this.standing.ends.set(at, LEAF);
      this.leaves.set(key, at);
    }
    return at;
  }

  /** What nothing read, in the order in which it was made. */
  private addOutputs(failed: number): void {
    const { unread, maker, standing } = this;
    const rows = Int32Array.from(unread.keys()).filter(tensor => unread[tensor]! > 0);
    for (const tensor of rows.sort((a, b) => unread[a]! - unread[b]!)) {
      const from = maker[tensor]!;
      const op = standing.op[from]!;
      if (op === failed) continue;
      const to = this.stand(op, tensor);
      standing.ends.set(to, OUTPUT);
      this.from.push(from);
      this.to.push(to);
      this.along.push(tensor);
    }
  }
}
