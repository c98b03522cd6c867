/** The forward trace as it is drawn: what the ops read on top, results flowing down. */
import type * as wire from '../generated/document.js';
import { shape as shapeText } from '../document/format.js';
import type { GraphModel } from './model.js';
import { family } from './names.js';
import { Links, type Link } from './links.js';
import { vertex, type Subject, type Vertex } from './subject.js';
import { Vertices } from './vertices.js';

function tensorVertex(tensor: wire.Tensor, kind: 'leaf' | 'output', repeat: Vertex['repeat']): Vertex {
  const role = tensor.requires_grad ? 'leaf' : 'input';
  return vertex({
    // Ops have keys with o.
    key: `${kind === 'leaf' ? 'l' : 't'}${tensor.id}`,
    kind,
    name: tensor.name ?? (kind === 'leaf' ? role : 'output'),
    note: kind === 'leaf' ? `${role} · ${shapeText(tensor.shape)}` : shapeText(tensor.shape),
    ref: { table: 'tensors', id: tensor.id },
    shape: shapeText(tensor.shape),
    repeat,
  });
}

/** From this many readers on, an input is drawn once a use, as a leaf of the backward graph is. */
const PROXIES_FROM = 3;

export function forwardSubject(model: GraphModel): Subject {
  return new Builder(model).build();
}

class Builder {
  private readonly vertices: Vertex[] = [];
  private readonly links: Omit<Link, 'port' | 'ports'>[] = [];
  /** The vertex that made a tensor's present value: an op in place takes its tensor over. */
  private readonly maker = new Map<number, number>();
  private readonly leaves = new Map<string, number>();
  private readonly reads = new Map<number, number>();
  private readonly unread = new Set<number>();

  constructor(private readonly model: GraphModel) {}

  build(): Subject {
    const ops = [...this.model.document.ops].sort((a, b) => a.id - b.id);
    const failed = this.model.document.failure?.about?.find(ref => ref.table === 'ops')?.id;
    for (const op of ops) {
      for (const id of new Set(op.inputs)) this.reads.set(id, (this.reads.get(id) ?? 0) + 1);
    }
    for (const op of ops) this.add(op, op.id === failed);
    this.addOutputs();
    return { direction: 'forward', vertices: Vertices.of(this.vertices), links: Links.of(this.links) };
  }

  private add(op: wire.Op, failed: boolean): void {
    const { model } = this;
    const node = model.nodeOfOp.get(op.id);
    const result = op.outputs?.[0] === undefined ? undefined : model.tensors.get(op.outputs[0]);
    const added = vertex({
      key: `o${op.id}`,
      kind: failed ? 'failed' : 'node',
      name: op.name,
      family: family(op.name),
      ref: { table: 'ops', id: op.id },
      module: op.module === undefined ? undefined : model.modules.get(op.module)?.path,
      repeat: op.repeat === undefined ? undefined : { id: op.repeat, turn: op.turn ?? 0 },
      site: op.site,
      time: op.id,
      shape: result ? shapeText(result.shape) : '',
      hooks: node ? model.hooksOf(node.id).length : 0,
      finding: failed ? 'error' : undefined,
    });
    const sources = new Map<number, wire.Tensor>();
    for (const id of op.inputs ?? []) {
      const tensor = model.tensors.get(id);
      if (!tensor) continue;
      this.unread.delete(id);
      const from = this.maker.get(id) ?? this.leaf(tensor, op, added.repeat);
      if (!sources.has(from)) sources.set(from, tensor);
    }
    const to = this.vertices.push(added) - 1;
    for (const [from, tensor] of sources) this.link(from, to, tensor);
    for (const id of op.outputs ?? []) {
      this.maker.set(id, to);
      this.unread.add(id);
    }
  }

  /** One vertex a turn of a loop, or a use: long links to an input say less than its name beside the reader. */
  private leaf(tensor: wire.Tensor, reader: wire.Op, repeat: Vertex['repeat']): number {
    const once = this.reads.get(tensor.id)! >= PROXIES_FROM;
    const use = once ? `/${reader.id}` : repeat ? `/${repeat.id}.${repeat.turn}` : '';
    const key = `${tensor.id}${use}`;
    let at = this.leaves.get(key);
    if (at === undefined) {
      at = this.vertices.push({ ...tensorVertex(tensor, 'leaf', repeat), key: `l${key}` }) - 1;
      this.leaves.set(key, at);
    }
    return at;
  }

  private link(from: number, to: number, tensor: wire.Tensor): void {
    this.links.push({ from, to, name: tensor.name ?? '', shape: shapeText(tensor.shape) });
  }

  private addOutputs(): void {
    for (const id of this.unread) {
      const from = this.maker.get(id)!;
      const tensor = this.model.tensors.get(id);
      if (!tensor || this.vertices[from]!.kind !== 'node') continue;
      const to = this.vertices.push(tensorVertex(tensor, 'output', this.vertices[from]!.repeat)) - 1;
      this.link(from, to, tensor);
    }
  }
}
