/** The backward graph as it is drawn: outputs on top, nodes along next_functions, leaves where it ends. */
import type * as wire from '../generated/document.js';
import { number, shape as shapeText } from '../document/format.js';
import type { GraphModel } from './model.js';
import { family } from './names.js';
import { severityOf, vertex, type Link, type Subject, type Vertex } from './subject.js';

/** From this many users on, or with users in two turns of a loop, a leaf is drawn once a use: long edges say less. */
const PROXIES_FROM = 3;

/** With more outputs than this, only those with a name are drawn. */
const MANY_OUTPUTS = 20;

export function backwardSubject(model: GraphModel): Subject {
  return new Builder(model).build();
}

class Builder {
  private readonly vertices: Vertex[] = [];
  private readonly links: Link[] = [];
  private readonly at = new Map<number, number>();
  /** How many nodes lead to each leaf. */
  private readonly users = new Map<number, number>();
  private readonly findings = new Map<string, Vertex['finding']>();

  constructor(private readonly model: GraphModel) {
    for (const finding of [...model.document.findings].reverse()) {
      for (const ref of finding.about ?? []) this.findings.set(`${ref.table}/${ref.id}`, severityOf(finding));
    }
  }

  build(): Subject {
    const shared = new Set<number>();
    for (const node of this.model.document.nodes) {
      if (node.variable === undefined) {
        this.add(node.id, this.nodeVertex(node));
        continue;
      }
      const users = new Set((this.model.into.get(node.id) ?? []).map(edge => edge.from));
      this.users.set(node.id, users.size);
      if (users.size >= PROXIES_FROM || this.turnsOf(users) > 1) shared.add(node.id);
      else this.add(node.id, this.leafVertex(node));
    }
    this.addEdges(shared);
    this.addOutputs();
    this.addFailure();
    return { direction: 'backward', vertices: this.vertices, links: this.links };
  }

  private turnsOf(users: Set<number>): number {
    const turns = [...users].slice(0, PROXIES_FROM).map(user => {
      const repeat = this.model.repeat(this.model.nodes.get(user)!);
      return repeat ? `${repeat.id}.${repeat.turn}` : '';
    });
    return new Set(turns).size;
  }

  private add(id: number, added: Vertex): void {
    this.at.set(id, this.vertices.length);
    this.vertices.push(added);
  }

  private common(node: wire.GraphNode): Partial<Vertex> {
    const { model } = this;
    const saved = model.saved.get(node.id) ?? [];
    const meta = node.inputs?.[0];
    return {
      ref: { table: 'nodes', id: node.id },
      repeat: model.repeat(node),
      site: model.site(node),
      time: -(node.sequence_nr ?? 0),
      shape: meta ? shapeText(meta.shape) : '',
      hooks: model.hooksOf(node.id).length,
      savedBytes: saved.reduce(
        (sum, row) => sum + (row.tensor === undefined ? 0 : (model.tensors.get(row.tensor)?.bytes ?? 0)),
        0,
      ),
      freed:
        (node.state ?? 'alive') !== 'alive' ||
        (saved.length > 0 && saved.every(row => (row.state ?? 'alive') !== 'alive')),
      finding: this.findings.get(`nodes/${node.id}`),
    };
  }

  private nodeVertex(node: wire.GraphNode): Vertex {
    return vertex({
      ...this.common(node),
      key: `n${node.id}`,
      kind: 'node',
      name: node.name,
      family: family(node.name),
      module: this.model.module(node)?.path,
    });
  }

  private leafVertex(node: wire.GraphNode, use?: { number: number; of: number }): Vertex {
    const { model } = this;
    const tensor = node.variable === undefined ? undefined : model.tensors.get(node.variable);
    const sizes = tensor?.shape ?? node.inputs?.[0]?.shape;
    const parts = [use ? `use ${use.number} of ${use.of}` : node.name, sizes ? shapeText(sizes) : ''];
    return vertex({
      ...this.common(node),
      key: use ? `n${node.id}/${use.number}` : `n${node.id}`,
      kind: 'leaf',
      name: tensor?.name ?? node.name,
      note: tensor?.name ? parts.filter(Boolean).join(' · ') : (parts[1] ?? ''),
      module: model.module(node)?.path,
      use,
    });
  }

  /** Links along next_functions. A shared leaf gets one proxy a user, made where the user is met. */
  private addEdges(shared: Set<number>): void {
    const { model } = this;
    const uses = new Map<number, number>();
    for (const node of model.document.nodes) {
      const edges = model.out.get(node.id) ?? [];
      const ports = edges.length;
      const proxies = new Map<number, number>();
      edges.forEach((edge, port) => {
        let to = this.at.get(edge.to);
        if (shared.has(edge.to)) {
          to = proxies.get(edge.to) ?? this.addProxy(edge, uses);
          proxies.set(edge.to, to);
        }
        const meta = model.nodes.get(edge.to)?.inputs?.[edge.input_nr ?? 0];
        const name = model.inputName(edge) ?? '';
        this.links.push({
          from: this.at.get(node.id)!,
          to: to!,
          port,
          ports,
          name: name.slice(name.lastIndexOf('.') + 1),
          shape: meta ? shapeText(meta.shape) : '',
        });
      });
    }
  }

  private addProxy(edge: wire.Edge, uses: Map<number, number>): number {
    const node = this.model.nodes.get(edge.to)!;
    const number = (uses.get(node.id) ?? 0) + 1;
    uses.set(node.id, number);
    const of = this.users.get(node.id)!;
    const user = this.vertices[this.at.get(edge.from)!]!;
    const proxy = this.leafVertex(node, { number, of });
    this.vertices.push({ ...proxy, module: user.module, repeat: user.repeat });
    return this.vertices.length - 1;
  }

  /**
   * A pill on each node that no other node leads to: the tensor that backward would be called on. Where there are
   * many, only those that have a name.
   */
  private addOutputs(): void {
    const { model } = this;
    const roots = model.document.nodes.filter(
      node => !model.into.has(node.id) && node.variable === undefined,
    );
    for (const node of roots) {
      const results = model.resultsOf(node.id);
      const named = results.find(tensor => tensor.name !== undefined);
      const result =
        named ?? (roots.length <= MANY_OUTPUTS ? results.find(tensor => !tensor.gone) : undefined);
      if (result) this.addOutput(node, result);
    }
  }

  private addOutput(node: wire.GraphNode, result: wire.Tensor): void {
    const { model } = this;
    const scalar = result.shape.length === 0 && result.stats?.mean !== undefined;
    const shape = shapeText(result.shape);
    const to = this.at.get(node.id)!;
    this.links.push({ from: this.vertices.length, to, port: 0, ports: 1, name: '', shape });
    this.vertices.push(
      vertex({
        key: `t${result.id}`,
        kind: 'output',
        name: result.name ?? 'output',
        note: scalar ? number(result.stats!.mean!, 4) : shape,
        ref: { table: 'tensors', id: result.id },
        shape,
        repeat: model.repeat(node),
        site: model.site(node),
      }),
    );
  }

  /** The op that raised made no node: it is drawn dashed, above the history of what it was given. */
  private addFailure(): void {
    const { model } = this;
    const about = model.document.failure?.about?.[0];
    const op = about?.table === 'ops' ? model.ops.get(about.id) : undefined;
    if (!op || model.nodeOfOp.has(op.id)) return;
    const failed = this.vertices.length;
    this.vertices.push(
      vertex({
        key: `o${op.id}`,
        kind: 'failed',
        name: op.name,
        family: family(op.name),
        ref: { table: 'ops', id: op.id },
        time: -Infinity,
        site: op.site ?? model.document.failure?.site,
        finding: 'error',
      }),
    );
    const inputs = (op.inputs ?? []).flatMap(id => model.tensors.get(id) ?? []);
    inputs.forEach((tensor, port) => {
      const node = tensor.grad_fn ?? model.accumulators.get(tensor.id);
      let to = node === undefined ? undefined : this.at.get(node);
      if (to === undefined) {
        to = this.vertices.length;
        const name = tensor.name ?? 'input';
        const note = `${tensor.requires_grad ? 'leaf' : 'no gradient'} · ${shapeText(tensor.shape)}`;
        this.vertices.push(
          vertex({
            key: `t${tensor.id}`,
            kind: 'leaf',
            name,
            note,
            ref: { table: 'tensors', id: tensor.id },
            shape: shapeText(tensor.shape),
          }),
        );
      }
      this.links.push({
        from: failed,
        to,
        port,
        ports: inputs.length,
        name: tensor.name ?? '',
        shape: shapeText(tensor.shape),
      });
    });
  }
}
