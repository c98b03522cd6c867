/** The forward trace as it is drawn: what the ops read on top, results flowing down. */
import type * as wire from '../generated/document.js';
import { shape as shapeText } from '../document/format.js';
import type { GraphModel } from './model.js';
import { family } from './names.js';
import { vertex, type Link, type Subject, type Vertex } from './subject.js';

function tensorVertex(tensor: wire.Tensor, kind: 'leaf' | 'output', repeat: Vertex['repeat']): Vertex {
  const role = tensor.requires_grad ? 'leaf' : 'input';
  return vertex({
    key: `${kind[0]}${tensor.id}`,
    kind,
    name: tensor.name ?? (kind === 'leaf' ? role : 'output'),
    note: kind === 'leaf' ? `${role} · ${shapeText(tensor.shape)}` : shapeText(tensor.shape),
    ref: { table: 'tensors', id: tensor.id },
    shape: shapeText(tensor.shape),
    repeat,
  });
}

export function forwardSubject(model: GraphModel): Subject {
  const vertices: Vertex[] = [];
  const links: Link[] = [];
  const maker = new Map<number, number>(); // tensor → the vertex that made its present value: in-place ops take over
  const read = new Set<number>();
  const failed = model.document.failure?.about?.find(ref => ref.table === 'ops')?.id;

  for (const op of [...model.document.ops].sort((a, b) => a.id - b.id)) {
    const node = model.nodeOfOp.get(op.id);
    const result = op.outputs?.[0] === undefined ? undefined : model.tensors.get(op.outputs[0]);
    const repeat = op.repeat === undefined ? undefined : { id: op.repeat, turn: op.turn ?? 0 };
    const added = vertex({
      key: `o${op.id}`,
      kind: op.id === failed ? 'failed' : 'node',
      name: op.name,
      family: family(op.name),
      ref: { table: 'ops', id: op.id },
      module: op.module === undefined ? undefined : model.modules.get(op.module)?.path,
      repeat,
      site: op.site,
      time: op.id,
      shape: result ? shapeText(result.shape) : '',
      hooks: node ? model.hooksOf(node.id).length : 0,
      finding: op.id === failed ? 'error' : undefined,
    });
    const sources = new Set<number>();
    for (const id of op.inputs ?? []) {
      const tensor = model.tensors.get(id);
      if (!tensor) continue;
      let from = maker.get(id);
      if (from === undefined) {
        from = vertices.length;
        maker.set(id, from);
        vertices.push(tensorVertex(tensor, 'leaf', repeat));
      }
      read.add(id);
      if (sources.has(from)) continue;
      sources.add(from);
      links.push({
        from,
        to: -1,
        port: 0,
        ports: 1,
        name: tensor.name ?? '',
        shape: shapeText(tensor.shape),
      });
    }
    const at = vertices.length;
    vertices.push(added);
    for (let i = links.length - 1; i >= 0 && links[i]!.to === -1; i--) links[i]!.to = at;
    for (const id of op.outputs ?? []) {
      maker.set(id, at);
      read.delete(id);
    }
  }
  for (const [id, from] of maker) {
    const tensor = model.tensors.get(id);
    if (!tensor || read.has(id) || vertices[from]!.kind !== 'node') continue;
    links.push({
      from,
      to: vertices.length,
      port: 0,
      ports: 1,
      name: tensor.name ?? '',
      shape: shapeText(tensor.shape),
    });
    vertices.push(tensorVertex(tensor, 'output', vertices[from]!.repeat));
  }
  numberPorts(vertices.length, links);
  return { direction: 'forward', vertices, links };
}

function numberPorts(count: number, links: Link[]): void {
  const leaving = new Array<number>(count).fill(0);
  for (const link of links) link.port = leaving[link.from]!++;
  for (const link of links) link.ports = leaving[link.from]!;
}
