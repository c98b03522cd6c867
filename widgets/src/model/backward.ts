/**
 * The backward graph as it is drawn: outputs on top, nodes along next_functions, leaves where it ends. Walks over
 * columns, by row numbers: a graph of 100,000 nodes is a matter of milliseconds.
 */
import type { Tensor, TensorMeta } from '../generated/document.js';
import { number, shape as shapeText } from '../document/format.js';
import type { Lists } from '../layout/csr.js';
import { inputNames } from './input-names.js';
import { Links } from './links.js';
import type { GraphModel } from './model.js';
import { family } from './names.js';
import { NodeColumns } from './node-columns.js';
import { vertex, type Subject, type Vertex } from './subject.js';

/** From this many users on, or with users in two turns of a loop, a leaf is drawn once a use: long edges say less. */
const PROXIES_FROM = 3;

/** With more outputs than this, only those with a name are drawn. */
const MANY_OUTPUTS = 20;

export function backwardSubject(model: GraphModel): Subject {
  return new Builder(model).build();
}

class Builder {
  /** The vertices: see Standing. */
  private readonly row: number[] = [];
  private readonly use: number[] = [];
  private readonly beside: number[] = [];
  private readonly others = new Map<number, Vertex>();
  /** The links, and the number of the gradient that each brings. */
  private readonly from: number[] = [];
  private readonly to: number[] = [];
  private readonly input: number[] = [];
  /** What is said along links that are no edges of the document. */
  private readonly words = new Map<number, { name: string; shape: string }>();
  /** The vertex of each node by row; -1 where it is drawn once a use. */
  private readonly at: Int32Array;
  private readonly users: Int32Array;
  private readonly ids;
  private readonly variables;
  /** Row numbers of edges by the node that they leave and that they reach, and the nodes at their ends. */
  private readonly out: Lists;
  private readonly into: Lists;
  private readonly edgeFrom: Int32Array;
  private readonly edgeTo: Int32Array;
  private readonly columns: NodeColumns;

  constructor(private readonly model: GraphModel) {
    const { nodes, edges } = model.document.tables;
    this.at = new Int32Array(nodes.length).fill(-1);
    this.users = new Int32Array(nodes.length);
    this.ids = nodes.numbers('id');
    this.variables = nodes.numbers('variable');
    this.out = model.out.lists;
    this.into = model.into.lists;
    this.edgeFrom = nodes.findAll(edges.numbers('from'));
    this.edgeTo = nodes.findAll(edges.numbers('to'));
    this.columns = new NodeColumns(model);
  }

  build(): Subject {
    const shared = new Uint8Array(this.ids.length);
    const stamp = new Int32Array(this.ids.length).fill(-1);
    for (let row = 0; row < this.ids.length; row++) {
      if (this.variables[row]! < 0) this.at[row] = this.add(row);
      else if (this.countUsers(row, stamp) >= PROXIES_FROM || this.isOfSeveralTurns(row)) shared[row] = 1;
      else this.at[row] = this.add(row);
    }
    this.addEdges(shared);
    this.addOutputs();
    this.addFailure();
    const row = Int32Array.from(this.row);
    const vertices = this.columns.vertices({
      row,
      use: Int32Array.from(this.use),
      beside: Int32Array.from(this.beside),
      others: this.others,
      users: this.users,
    });
    return { direction: 'backward', vertices, links: this.links(row) };
  }

  private links(row: Int32Array): Links {
    const { words } = this;
    const [from, to, input] = [this.from, this.to, this.input].map(list => Int32Array.from(list));
    const names = inputNames(this.model);
    const inputs = this.model.document.tables.nodes.coded('inputs');
    return new Links(from!, to!, {
      name: link => words.get(link)?.name ?? names(row[from![link]!]!, row[to![link]!]!, input![link]!),
      shape: link => {
        const code = words.has(link) ? -1 : inputs.index[row[to![link]!]!]!;
        if (code < 0) return words.get(link)?.shape ?? '';
        const meta = (inputs.values[code] as (TensorMeta | null)[])[input![link]!];
        return meta ? shapeText(meta.shape) : '';
      },
    });
  }

  /** `user`: of a proxy, the node beside which it stands. */
  private add(row: number, use = 0, user = row): number {
    this.use.push(use);
    this.beside.push(user);
    return this.row.push(row) - 1;
  }

  private addOther(other: Vertex): number {
    const at = this.add(-1);
    this.others.set(at, other);
    return at;
  }

  private addLink(from: number, to: number, input: number): number {
    this.to.push(to);
    this.input.push(input);
    return this.from.push(from) - 1;
  }

  private countUsers(row: number, stamp: Int32Array): number {
    const { start, items } = this.into;
    let count = 0;
    for (let k = start[row]!; k < start[row + 1]!; k++) {
      const user = this.edgeFrom[items[k]!]!;
      if (stamp[user] === row) continue;
      stamp[user] = row;
      count++;
    }
    return (this.users[row] = count);
  }

  /** Whether the first few users are in several turns of loops. */
  private isOfSeveralTurns(row: number): boolean {
    const { start, items } = this.into;
    const { repeat, turn } = this.columns.places;
    const end = Math.min(start[row]! + PROXIES_FROM, start[row + 1]!);
    for (let k = start[row]! + 1; k < end; k++) {
      const [first, user] = [this.edgeFrom[items[start[row]!]!]!, this.edgeFrom[items[k]!]!];
      if (repeat[user] !== repeat[first]) return true;
      if (repeat[user]! >= 0 && Math.max(0, turn[user]!) !== Math.max(0, turn[first]!)) return true;
    }
    return false;
  }

  /** Links along next_functions. A shared leaf gets one proxy a user, made where the user is met. */
  private addEdges(shared: Uint8Array): void {
    const { start, items } = this.out;
    const inputs = this.model.document.tables.edges.numbers('input_nr');
    /** Of each shared leaf, how many proxies there are, the last of them, and the user that has it. */
    const [uses, proxy] = [new Int32Array(shared.length), new Int32Array(shared.length)];
    const last = new Int32Array(shared.length).fill(-1);
    for (let row = 0; row < shared.length; row++) {
      // A shared leaf ends every path. A forged document may say otherwise; its proxies have one place each.
      if (shared[row]) continue;
      for (let k = start[row]!; k < start[row + 1]!; k++) {
        const edge = items[k]!;
        const target = this.edgeTo[edge]!;
        if (shared[target] && last[target] !== row) {
          proxy[target] = this.add(target, ++uses[target]!, row);
          last[target] = row;
        }
        const end = shared[target] ? proxy[target]! : this.at[target]!;
        this.addLink(this.at[row]!, end, Math.max(0, inputs[edge]!));
      }
    }
  }

  /**
   * A pill on each node that no other node leads to: the tensor that backward would be called on. Where there are
   * many, only those that have a name.
   */
  private addOutputs(): void {
    const { start } = this.into;
    const roots: number[] = [];
    for (let row = 0; row < this.ids.length; row++)
      if (start[row] === start[row + 1] && this.variables[row]! < 0) roots.push(row);
    const known = this.model.resultsOfAll(new Set(roots.map(row => this.ids[row]!)));
    for (const row of roots) {
      const results = known.get(this.ids[row]!) ?? [];
      const named = results.find(tensor => tensor.name !== undefined);
      const result =
        named ?? (roots.length <= MANY_OUTPUTS ? results.find(tensor => !tensor.gone) : undefined);
      if (result) this.addOutput(row, result);
    }
  }

  private addOutput(row: number, result: Tensor): void {
    const { repeat, turn, site } = this.columns.places;
    const scalar = result.shape.length === 0 && result.stats?.mean !== undefined;
    const shape = shapeText(result.shape);
    const output = vertex({
      key: `t${result.id}`,
      kind: 'output',
      name: result.name ?? 'output',
      note: scalar ? number(result.stats!.mean!, 4) : shape,
      ref: { table: 'tensors', id: result.id },
      shape,
      repeat: repeat[row]! < 0 ? undefined : { id: repeat[row]!, turn: Math.max(0, turn[row]!) },
      site: site[row]! < 0 ? undefined : site[row],
    });
    this.words.set(this.addLink(this.addOther(output), this.at[row]!, 0), { name: '', shape });
  }

  /** The op that raised made no node: it is drawn dashed, above the history of what it was given. */
  private addFailure(): void {
    const { model } = this;
    const about = model.document.failure?.about?.[0];
    const op = about?.table === 'ops' ? model.ops.get(about.id) : undefined;
    if (!op || model.nodeOfOp.has(op.id)) return;
    const failed = this.addOther(
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
    for (const tensor of (op.inputs ?? []).flatMap(id => model.tensors.get(id) ?? [])) {
      const node = tensor.grad_fn ?? model.accumulators.get(tensor.id);
      const row = model.document.tables.nodes.find(node);
      const to = row >= 0 && this.at[row]! >= 0 ? this.at[row]! : this.addOther(inputVertex(tensor));
      const words = { name: tensor.name ?? '', shape: shapeText(tensor.shape) };
      this.words.set(this.addLink(failed, to, 0), words);
    }
  }
}

/** An input of the op that raised that no node of the graph made. */
function inputVertex(tensor: Tensor): Vertex {
  const shape = shapeText(tensor.shape);
  return vertex({
    key: `t${tensor.id}`,
    kind: 'leaf',
    name: tensor.name ?? 'input',
    note: `${tensor.requires_grad ? 'leaf' : 'no gradient'} · ${shape}`,
    ref: { table: 'tensors', id: tensor.id },
    shape,
  });
}
