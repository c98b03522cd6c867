/**
 * The backward graph as it is drawn: outputs on top, nodes along next_functions, leaves where it ends. Walks over
 * columns, by row numbers: a graph of 100,000 nodes is a matter of milliseconds.
 */
import type { Finding, Tensor, TensorMeta } from '../generated/document.js';
import { number, shape as shapeText } from '../document/format.js';
import type { Coded } from '../document/table.js';
import type { GraphModel } from './model.js';
import { family } from './names.js';
import { placesOf, type Places } from './places.js';
import { savedSums, type SavedSums } from './saved-sums.js';
import { severityOf, vertex, type Link, type Subject, type Vertex } from './subject.js';

/** From this many users on, or with users in two turns of a loop, a leaf is drawn once a use: long edges say less. */
const PROXIES_FROM = 3;

/** With more outputs than this, only those with a name are drawn. */
const MANY_OUTPUTS = 20;

export function backwardSubject(model: GraphModel): Subject {
  return new Builder(model).build();
}

type Use = { number: number; of: number };

class Builder {
  private readonly vertices: Vertex[] = [];
  private readonly links: Link[] = [];
  /** The vertex of each node by row; -1 where it is drawn once a use. */
  private readonly at: Int32Array;
  /** How many nodes lead to each leaf, by row. */
  private readonly users: Int32Array;
  private readonly findings = new Map<string, Vertex['finding']>();
  private readonly ids;
  private readonly variables;
  private readonly sequence;
  private readonly names: Coded;
  private readonly inputs: Coded;
  private readonly states: Coded;
  private readonly places: Places;
  private readonly sums: SavedSums;
  private readonly paths: (string | undefined)[];
  /** Shapes are few: each list of inputs is written once. */
  private readonly shapes = new Map<unknown, string[]>();

  constructor(private readonly model: GraphModel) {
    const { nodes, modules } = model.document.tables;
    this.at = new Int32Array(nodes.length).fill(-1);
    this.users = new Int32Array(nodes.length);
    this.ids = nodes.numbers('id');
    this.variables = nodes.numbers('variable');
    this.sequence = nodes.numbers('sequence_nr');
    this.names = nodes.coded('name');
    this.inputs = nodes.coded('inputs');
    this.states = nodes.coded('state');
    this.places = placesOf(model);
    this.sums = savedSums(model);
    this.paths = Array.from({ length: modules.length }, (_, i) => modules.value(i, 'path'));
    for (const finding of [...model.document.findings].reverse() as Finding[]) {
      for (const ref of finding.about ?? []) this.findings.set(`${ref.table}/${ref.id}`, severityOf(finding));
    }
  }

  build(): Subject {
    const shared = new Uint8Array(this.ids.length);
    const stamp = new Int32Array(this.ids.length).fill(-1);
    for (let row = 0; row < this.ids.length; row++) {
      if (this.variables[row]! < 0) this.add(row, this.nodeVertex(row));
      else if (this.countUsers(row, stamp) >= PROXIES_FROM || this.turnsOf(row) > 1) shared[row] = 1;
      else this.add(row, this.leafVertex(row));
    }
    this.addEdges(shared);
    this.addOutputs();
    this.addFailure();
    return { direction: 'backward', vertices: this.vertices, links: this.links };
  }

  private countUsers(row: number, stamp: Int32Array): number {
    const { start, items } = this.model.into.lists;
    const from = this.edgeEnds('from');
    let count = 0;
    for (let k = start[row]!; k < start[row + 1]!; k++) {
      const user = from[items[k]!]!;
      if (stamp[user] === row) continue;
      stamp[user] = row;
      count++;
    }
    return (this.users[row] = count);
  }

  /** In how many turns of loops the first few users are. */
  private turnsOf(row: number): number {
    const { start, items } = this.model.into.lists;
    const { repeat, turn } = this.places;
    const turns = new Set<string>();
    for (let k = start[row]!; k < Math.min(start[row]! + PROXIES_FROM, start[row + 1]!); k++) {
      const user = this.edgeEnds('from')[items[k]!]!;
      turns.add(repeat[user]! < 0 ? '' : `${repeat[user]}.${Math.max(0, turn[user]!)}`);
    }
    return turns.size;
  }

  private readonly ends = new Map<string, Int32Array>();

  /** The rows of the nodes at one end of each edge. */
  private edgeEnds(member: 'from' | 'to'): Int32Array {
    let rows = this.ends.get(member);
    if (!rows) {
      const { nodes, edges } = this.model.document.tables;
      const ids = edges.numbers(member);
      rows = new Int32Array(ids.length);
      for (let i = 0; i < ids.length; i++) rows[i] = nodes.find(ids[i]);
      this.ends.set(member, rows);
    }
    return rows;
  }

  private add(row: number, added: Vertex): void {
    this.at[row] = this.vertices.push(added) - 1;
  }

  /** The shape of a gradient that comes in, '' where it is not known. */
  private shape(row: number, input: number): string {
    const code = this.inputs.index[row]!;
    if (code < 0) return '';
    const metas = this.inputs.values[code] as (TensorMeta | null)[];
    let texts = this.shapes.get(metas);
    if (!texts) this.shapes.set(metas, (texts = metas.map(meta => (meta ? shapeText(meta.shape) : ''))));
    return texts[input] ?? '';
  }

  private name(row: number): string {
    return this.names.values[this.names.index[row]!] as string;
  }

  private isGone(row: number): boolean {
    const code = this.states.index[row]!;
    return code >= 0 && this.states.values[code] !== 'alive';
  }

  private repeat(row: number): Vertex['repeat'] {
    const { repeat, turn } = this.places;
    return repeat[row]! < 0 ? undefined : { id: repeat[row]!, turn: Math.max(0, turn[row]!) };
  }

  private nodeVertex(row: number): Vertex {
    const id = this.ids[row]!;
    const name = this.name(row);
    const module = this.places.module[row]!;
    return {
      key: `n${id}`,
      kind: 'node',
      name,
      note: '',
      family: family(name),
      ref: { table: 'nodes', id },
      module: module < 0 ? undefined : this.paths[module],
      repeat: this.repeat(row),
      site: this.places.site[row]! < 0 ? undefined : this.places.site[row],
      time: -Math.max(0, this.sequence[row]!),
      shape: this.shape(row, 0),
      hooks: this.model.hooksOf(id).length,
      savedBytes: this.sums.bytes[row]!,
      freed: this.isGone(row) || this.sums.freed[row] === 1,
      finding: this.findings.size ? this.findings.get(`nodes/${id}`) : undefined,
      use: undefined,
    };
  }

  private leafVertex(row: number, use?: Use): Vertex {
    const { tensors } = this.model.document.tables;
    const tensor = tensors.find(this.variables[row]!);
    const plain = this.nodeVertex(row);
    const sizes = tensor < 0 ? undefined : tensors.value(tensor, 'shape');
    const shape = sizes ? shapeText(sizes) : plain.shape;
    const name = tensor < 0 ? undefined : tensors.value(tensor, 'name');
    const first = use ? `use ${use.number} of ${use.of}` : plain.name;
    return {
      ...plain,
      key: use ? `${plain.key}/${use.number}` : plain.key,
      kind: 'leaf',
      family: undefined,
      name: name ?? plain.name,
      note: name ? [first, shape].filter(Boolean).join(' · ') : shape,
      use,
    };
  }

  /** Links along next_functions. A shared leaf gets one proxy a user, made where the user is met. */
  private addEdges(shared: Uint8Array): void {
    const { edges } = this.model.document.tables;
    const { start, items } = this.model.out.lists;
    const to = this.edgeEnds('to');
    const inputs = edges.numbers('input_nr');
    const uses = new Map<number, number>();
    const proxies = new Map<number, number>();
    for (let row = 0; row < this.ids.length; row++) {
      // A shared leaf ends every path. A forged document may say otherwise; its proxies have one place each.
      const ports = shared[row] ? 0 : start[row + 1]! - start[row]!;
      proxies.clear();
      for (let port = 0; port < ports; port++) {
        const edge = items[start[row]! + port]!;
        const target = to[edge]!;
        let end = this.at[target]!;
        if (shared[target]) {
          end = proxies.get(target) ?? this.addProxy(row, target, uses);
          proxies.set(target, end);
        }
        const input = Math.max(0, inputs[edge]!);
        this.links.push({
          from: this.at[row]!,
          to: end,
          port,
          ports,
          name: this.inputName(row, target, input),
          shape: this.shape(target, input),
        });
      }
    }
  }

  /** The last part of the name of what an edge leads to, where the document is certain of it. */
  private inputName(from: number, to: number, input: number): string {
    const { ops, nodes, tensors } = this.model.document.tables;
    let name: string | undefined;
    if (this.variables[to]! >= 0) {
      const tensor = tensors.find(this.variables[to]!);
      name = tensor < 0 ? undefined : tensors.value(tensor, 'name');
    } else {
      const op = ops.find(nodes.numbers('op')[from]!);
      if (op < 0) return '';
      const { start, items } = ops.lists('inputs');
      const [made, outputs] = [tensors.numbers('grad_fn'), tensors.numbers('output_nr')];
      for (let k = start[op]!; k < start[op + 1]!; k++) {
        const tensor = tensors.find(items[k]!);
        if (tensor < 0 || made[tensor] !== this.ids[to] || Math.max(0, outputs[tensor]!) !== input) continue;
        name = tensors.value(tensor, 'name');
        break;
      }
    }
    return name === undefined ? '' : name.slice(name.lastIndexOf('.') + 1);
  }

  private addProxy(from: number, leaf: number, uses: Map<number, number>): number {
    const number = (uses.get(leaf) ?? 0) + 1;
    uses.set(leaf, number);
    const proxy = this.leafVertex(leaf, { number, of: this.users[leaf]! });
    const user = this.vertices[this.at[from]!]!;
    proxy.module = user.module;
    proxy.repeat = user.repeat;
    return this.vertices.push(proxy) - 1;
  }

  /**
   * A pill on each node that no other node leads to: the tensor that backward would be called on. Where there are
   * many, only those that have a name.
   */
  private addOutputs(): void {
    const { start } = this.model.into.lists;
    const roots: number[] = [];
    for (let row = 0; row < this.ids.length; row++)
      if (start[row] === start[row + 1] && this.variables[row]! < 0) roots.push(row);
    for (const row of roots) {
      const results = this.model.resultsOf(this.ids[row]!);
      const named = results.find(tensor => tensor.name !== undefined);
      const result =
        named ?? (roots.length <= MANY_OUTPUTS ? results.find(tensor => !tensor.gone) : undefined);
      if (result) this.addOutput(row, result);
    }
  }

  private addOutput(row: number, result: Tensor): void {
    const scalar = result.shape.length === 0 && result.stats?.mean !== undefined;
    const shape = shapeText(result.shape);
    this.links.push({ from: this.vertices.length, to: this.at[row]!, port: 0, ports: 1, name: '', shape });
    this.vertices.push(
      vertex({
        key: `t${result.id}`,
        kind: 'output',
        name: result.name ?? 'output',
        note: scalar ? number(result.stats!.mean!, 4) : shape,
        ref: { table: 'tensors', id: result.id },
        shape,
        repeat: this.repeat(row),
        site: this.places.site[row]! < 0 ? undefined : this.places.site[row],
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
      const row = model.document.tables.nodes.find(node);
      const to = row >= 0 && this.at[row]! >= 0 ? this.at[row]! : this.addInput(tensor);
      const link = { from: failed, to, port, ports: inputs.length };
      this.links.push({ ...link, name: tensor.name ?? '', shape: shapeText(tensor.shape) });
    });
  }

  /** An input of the op that raised that no node of the graph made. */
  private addInput(tensor: Tensor): number {
    const shape = shapeText(tensor.shape);
    const added = vertex({
      key: `t${tensor.id}`,
      kind: 'leaf',
      name: tensor.name ?? 'input',
      note: `${tensor.requires_grad ? 'leaf' : 'no gradient'} · ${shape}`,
      ref: { table: 'tensors', id: tensor.id },
      shape,
    });
    return this.vertices.push(added) - 1;
  }
}
