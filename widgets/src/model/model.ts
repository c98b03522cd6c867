/** Joins of the document's tables: who saved what, which hooks fire where, what line made it. */
import type * as wire from '../generated/document.js';
import type { Document } from '../document/parse.js';
import { Memories } from './memories.js';
import { placed, type Placed } from './places.js';
import { Joined, Rows } from './rows.js';
import { writtenSince } from './written.js';

function byId<Row extends { id: number }>(rows: Row[]): Map<number, Row> {
  return new Map(rows.map(row => [row.id, row]));
}

function grouped<Row>(rows: Row[], key: (row: Row) => number | undefined): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const of = key(row);
    if (of === undefined) continue;
    const group = groups.get(of);
    if (group) group.push(row);
    else groups.set(of, [row]);
  }
  return groups;
}

/** A place as people say it: `cell 7, line 14`, and the text of the line where it is known. */
export interface Place {
  where: string;
  line?: number;
  /** The cell whose source holds the line, if that is known. */
  cell?: wire.Cell;
  text?: string;
  site: wire.Site;
}

/**
 * With many nodes, what walks over all of them reads columns and row numbers (`document.tables`, `lists`); rows by id
 * are for one at a time.
 */
export class GraphModel {
  /** Ops and nodes. */
  readonly size: number;
  readonly nodes: Rows<wire.GraphNode>;
  readonly ops: Rows<wire.Op>;
  readonly tensors: Rows<wire.Tensor>;
  readonly sites: Rows<wire.Site>;
  readonly modules: Rows<wire.Module>;
  readonly cells: Map<number, wire.Cell>;
  readonly passes: Map<number, wire.Pass>;
  readonly repeats: Map<number, wire.Repeat>;
  /** next_functions of a node, by index. */
  readonly out: Joined<wire.Edge>;
  readonly into: Joined<wire.Edge>;
  readonly saved: Joined<wire.Saved>;
  readonly tensorsOf: Joined<wire.Tensor>;
  private readonly nodesOfOps: Joined<wire.GraphNode>;
  private readonly nodesOfVariables: Joined<wire.GraphNode>;
  /** Hooks by the id of the node at which they fire, in the order in which they fire. */
  readonly hooksByNode: Map<number, wire.Hook[]>;
  private readonly hooksOfModules: Map<number, wire.Hook[]>;
  private storageUses: Map<number, number> | undefined;
  private held: Memories | undefined;
  private writtenNodes: number[] | undefined;
  private builders: Map<number, number[]> | undefined;

  constructor(readonly document: Document) {
    const { tables } = document;
    this.size = tables.nodes.length + tables.ops.length;
    this.nodes = new Rows(tables.nodes);
    this.ops = new Rows(tables.ops);
    this.tensors = new Rows(tables.tensors);
    this.sites = new Rows(tables.sites);
    this.modules = new Rows(tables.modules);
    this.cells = byId(document.cells);
    this.passes = byId(document.passes);
    this.repeats = byId(document.repeats);
    this.out = new Joined(tables.edges, 'from', tables.nodes, 'index');
    this.into = new Joined(tables.edges, 'to', tables.nodes);
    this.saved = new Joined(tables.saved, 'node', tables.nodes);
    this.tensorsOf = new Joined(tables.tensors, 'grad_fn', tables.nodes);
    this.nodesOfOps = new Joined(tables.nodes, 'op', tables.ops);
    this.nodesOfVariables = new Joined(tables.nodes, 'variable', tables.tensors);
    this.hooksByNode = grouped(document.hooks, hook => this.hookedNode(hook));
    this.hooksOfModules = grouped(document.hooks, hook => hook.module);
    for (const groups of [this.hooksByNode, this.hooksOfModules])
      for (const hooks of groups.values())
        hooks.sort((a, b) => (a.order ?? Infinity) - (b.order ?? Infinity));
  }

  /** The node that made an op's result, by the op's id. */
  readonly nodeOfOp = {
    has: (op: number): boolean => this.nodesOfOps.has(op),
    get: (op: number): wire.GraphNode | undefined => this.nodesOfOps.get(op)?.at(-1),
  };

  /** The AccumulateGrad of a leaf, by the leaf's id. */
  readonly accumulators = {
    get: (tensor: number): number | undefined => this.nodesOfVariables.get(tensor)?.at(-1)?.id,
  };

  /** The node at which a hook fires: a hook on a tensor fires at its grad_fn, on a leaf at its AccumulateGrad. */
  private hookedNode(hook: wire.Hook): number | undefined {
    if (hook.node !== undefined) return hook.node;
    if (hook.tensor === undefined) return undefined;
    const made = this.tensors.get(hook.tensor)?.grad_fn;
    return made ?? this.accumulators.get(hook.tensor);
  }

  private placed<Member extends Placed>(node: wire.GraphNode, member: Member): number | undefined {
    return node[member] ?? (node.op === undefined ? undefined : this.ops.get(node.op)?.[member]);
  }

  site(node: wire.GraphNode): number | undefined {
    return this.placed(node, 'site');
  }

  module(node: wire.GraphNode): wire.Module | undefined {
    const id = this.placed(node, 'module');
    return id === undefined ? undefined : this.modules.get(id);
  }

  repeat(node: wire.GraphNode): { id: number; turn: number } | undefined {
    const id = this.placed(node, 'repeat');
    return id === undefined ? undefined : { id, turn: this.placed(node, 'turn') ?? 0 };
  }

  createdBy(node: wire.GraphNode): number | undefined {
    return this.placed(node, 'created_by');
  }

  /** The ids of the nodes that were built while one was evaluated. */
  builtBy(node: number): number[] {
    if (!this.builders) {
      const ids = this.document.tables.nodes.numbers('id');
      this.builders = new Map();
      placed(this, 'created_by').forEach((by, row) => {
        if (by < 0) return;
        const list = this.builders!.get(by);
        if (list) list.push(ids[row]!);
        else this.builders!.set(by, [ids[row]!]);
      });
    }
    return this.builders.get(node) ?? [];
  }

  hooksOf(node: number): wire.Hook[] {
    return this.hooksByNode.get(node) ?? [];
  }

  /** The modules with hooks that a node was made in, the innermost first. */
  hookedModulesOf(node: wire.GraphNode): { module: wire.Module; hooks: wire.Hook[] }[] {
    const inner = this.module(node)?.path;
    if (inner === undefined) return [];
    return [...this.hooksOfModules]
      .flatMap(([id, hooks]) => {
        const module = this.modules.get(id);
        return module && `${inner}.`.startsWith(`${module.path}.`) ? [{ module, hooks }] : [];
      })
      .sort((a, b) => b.module.path.length - a.module.path.length);
  }

  /** Tensors whose gradient this node takes: the results of its op. */
  resultsOf(node: number): wire.Tensor[] {
    return this.tensorsOf.get(node) ?? [];
  }

  /** The same of some nodes, by their ids, where asking one by one would sort all tensors first. */
  resultsOfAll(nodes: ReadonlySet<number>): Map<number, wire.Tensor[]> {
    const { tensors } = this.document.tables;
    const made = tensors.numbers('grad_fn');
    const rows: number[] = [];
    for (let row = 0; row < made.length; row++) if (nodes.has(made[row]!)) rows.push(row);
    return grouped(
      rows.map(row => tensors.row(row)),
      tensor => tensor.grad_fn,
    );
  }

  get memories(): Memories {
    return (this.held ??= new Memories(this));
  }

  /** Rows of nodes whose saved variables were written since. */
  get written(): number[] {
    return (this.writtenNodes ??= writtenSince(this));
  }

  /** Whether another saved variable lies in the same memory. */
  isShared(row: wire.Saved): boolean {
    const storage = row.tensor === undefined ? undefined : this.tensors.get(row.tensor)?.storage;
    return storage !== undefined && (this.usesOfStorages().get(storage) ?? 0) > 1;
  }

  private usesOfStorages(): Map<number, number> {
    if (this.storageUses) return this.storageUses;
    const { saved, tensors } = this.document.tables;
    const [used, storages] = [saved.numbers('tensor'), tensors.numbers('storage')];
    const uses = (this.storageUses = new Map<number, number>());
    for (const row of tensors.findAll(used)) {
      const storage = storages[row] ?? -1;
      if (storage >= 0) uses.set(storage, (uses.get(storage) ?? 0) + 1);
    }
    return uses;
  }

  /** In-place writes to the memory of a saved variable that came after it was saved, in time order. */
  writesSince(row: wire.Saved): wire.Write[] {
    const storage = row.tensor === undefined ? undefined : this.tensors.get(row.tensor)?.storage;
    if (storage === undefined || row.version === undefined || (row.state ?? 'alive') !== 'alive') return [];
    return this.document.writes.filter(
      write =>
        this.tensors.get(write.tensor)?.storage === storage && (write.version ?? Infinity) > row.version!,
    );
  }

  /** The key of an op's node, or of a node's op: the same thing seen in the other direction. */
  partner(key: string | undefined): string | undefined {
    const id = Number(key?.slice(1));
    if (key?.startsWith('n')) {
      const op = this.nodes.get(id)?.op;
      return op === undefined ? undefined : `o${op}`;
    }
    const node = key?.startsWith('o') ? this.nodeOfOp.get(id)?.id : undefined;
    return node === undefined ? undefined : `n${node}`;
  }

  /** What the user calls the tensor that edge `edge` leads to, where the document is certain of it. */
  inputName(edge: wire.Edge): string | undefined {
    const from = this.nodes.get(edge.from);
    const inputs = from?.op === undefined ? undefined : this.ops.get(from.op)?.inputs;
    const variable = this.nodes.get(edge.to)?.variable;
    if (variable !== undefined) return this.tensors.get(variable)?.name;
    for (const id of inputs ?? []) {
      const tensor = this.tensors.get(id);
      if (tensor?.grad_fn === edge.to && (tensor.output_nr ?? 0) === (edge.input_nr ?? 0)) return tensor.name;
    }
    return undefined;
  }

  cellName(cell: wire.Cell | undefined): string {
    if (!cell) return 'a cell';
    return cell.execution_count === undefined ? 'this cell' : `cell ${cell.execution_count}`;
  }

  place(id: number | undefined): Place | undefined {
    const site = id === undefined ? undefined : this.sites.get(id);
    if (!site) return undefined;
    const cell = site.cell === undefined ? undefined : this.cells.get(site.cell);
    const at = site.cell === undefined ? (site.file ?? 'code without a source') : this.cellName(cell);
    const where = site.line === undefined ? at : `${at}, line ${site.line}`;
    const line = site.line === undefined ? undefined : cell?.source?.split('\n')[site.line - 1];
    return {
      where,
      site,
      ...(site.line === undefined ? {} : { line: site.line }),
      ...(cell ? { cell } : {}),
      ...textOf(line ?? site.text),
    };
  }
}

function textOf(text: string | undefined): { text?: string } {
  return text === undefined ? {} : { text };
}
