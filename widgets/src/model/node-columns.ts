/**
 * The columns of vertices that stand for nodes, gathered by row number: walking over rows instead would make an object
 * a vertex, and the collecting of those costs more than the walk.
 */
import type { Finding, TensorMeta } from '../generated/document.js';
import { shape as shapeText } from '../document/format.js';
import type { GraphModel } from './model.js';
import { placesOf, type Places } from './places.js';
import { severityOf, type Vertex } from './subject.js';
import type { Texts } from './texts.js';
import { emptyColumns, findingCode, LEAF, NODES, put, Vertices, type Columns } from './vertices.js';

/** What the vertices are, in the order in which they are drawn. */
export interface Standing {
  /** The node, by row; -1 for what is in `others`. */
  row: Int32Array;
  /** The number of the proxy, for a leaf that is drawn once a use; else 0. */
  use: Int32Array;
  /** The node whose module and turn it is in: a proxy is where its user is. */
  beside: Int32Array;
  others: Map<number, Vertex>;
  /** How many nodes lead to each leaf, by row. */
  users: Int32Array;
}

export class NodeColumns {
  private readonly variables;
  /** The tensor of each leaf, by row; -1 is absent. */
  private readonly tensor: Int32Array;
  readonly places: Places;

  constructor(private readonly model: GraphModel) {
    const { nodes, tensors } = model.document.tables;
    this.variables = nodes.numbers('variable');
    this.tensor = tensors.findAll(this.variables);
    this.places = placesOf(model);
  }

  vertices(standing: Standing): Vertices {
    const columns = this.columns(standing);
    for (const [at, other] of standing.others) put(columns, at, other);
    const { row, use, others, users } = standing;
    const ids = this.model.document.tables.nodes.numbers('id');
    const nodes = this.model.document.tables.nodes.coded('name');
    return new Vertices(columns, {
      saved: some => {
        const { memories } = this.model;
        memories.begin();
        let sum = 0;
        for (let i = 0; i < some.length; i++) if (row[some[i]!]! >= 0) sum += memories.ofNode(row[some[i]!]!);
        return sum;
      },
      key: at => others.get(at)?.key ?? (use[at] ? `n${ids[row[at]!]}/${use[at]}` : `n${ids[row[at]!]}`),
      use: at => (use[at] ? { number: use[at], of: users[row[at]!]! } : undefined),
      note: at => {
        const other = others.get(at);
        if (other) return other.note;
        if (columns.kind[at] !== LEAF) return '';
        const shape = columns.shapes.all[columns.shape[at]!]!;
        if (!this.named(row[at]!)) return shape;
        const node = nodes.values[nodes.index[row[at]!]!] as string;
        return [use[at] ? `use ${use[at]} of ${users[row[at]!]}` : node, shape].filter(Boolean).join(' · ');
      },
    });
  }

  private named(row: number): boolean {
    const { tensors } = this.model.document.tables;
    return this.tensor[row]! >= 0 && tensors.value(this.tensor[row]!, 'name') !== undefined;
  }

  private columns({ row, use, beside }: Standing): Columns {
    const { tables } = this.model.document;
    const { nodes, modules } = tables;
    const count = row.length;
    const { places } = this;
    const columns = emptyColumns(count);
    columns.modules = Array.from({ length: modules.length }, (_, i) => modules.value(i, 'path'));
    const [ids, sequence] = [nodes.numbers('id'), nodes.numbers('sequence_nr')];
    const [names, shapes] = [this.namesByRow(columns.names), this.shapesByRow(columns.shapes)];
    const [hooks, findings, gone] = [this.hooks(), this.findings(), this.gone()];
    const { memories } = this.model;
    const { unknown } = memories;
    const released = this.released();
    for (let at = 0; at < count; at++) {
      const r = row[at]!;
      if (r < 0) continue;
      const place = beside[at]!;
      if (use[at] || this.variables[r]! >= 0) columns.kind[at] = LEAF;
      columns.name[at] = names[r]!;
      columns.shape[at] = shapes[r]!;
      columns.module[at] = places.module[place]!;
      if (places.repeat[place]! >= 0) {
        columns.repeat[at] = places.repeat[place]!;
        columns.turn[at] = Math.max(0, places.turn[place]!);
      }
      columns.site[at] = places.site[r]!;
      columns.time[at] = -Math.max(0, sequence[r]!);
      columns.hooks[at] = hooks[r]!;
      memories.begin();
      columns.savedBytes[at] = memories.ofNode(r);
      columns.freed[at] = gone[r]! | released[r]!;
      columns.unknown[at] = unknown[r]!;
      columns.finding[at] = findings[r]!;
      columns.table[at] = NODES;
      columns.id[at] = ids[r]!;
    }
    return columns;
  }

  /** Of a leaf, what the user calls it. */
  private namesByRow(texts: Texts): Int32Array {
    const { nodes, tensors } = this.model.document.tables;
    const given = nodes.coded('name');
    const codes = given.values.map(name => texts.of(name as string));
    const called = tensors.coded('name');
    const calledCodes = new Int32Array(called.values.length).fill(-1);
    const found = new Int32Array(nodes.length);
    for (let row = 0; row < found.length; row++) {
      const tensor = this.tensor[row]!;
      const code = tensor < 0 ? -1 : called.index[tensor]!;
      if (code < 0) found[row] = codes[given.index[row]!]!;
      else {
        if (calledCodes[code]! < 0) calledCodes[code] = texts.of(called.values[code] as string);
        found[row] = calledCodes[code]!;
      }
    }
    return found;
  }

  /** Of a leaf, its own; of a node, that of the first gradient that comes in; '' where it is not known. */
  private shapesByRow(texts: Texts): Int32Array {
    const { nodes, tensors } = this.model.document.tables;
    const none = texts.of('');
    const given = nodes.coded('inputs');
    const codes = given.values.map(metas => {
      const meta = (metas as (TensorMeta | null)[])[0];
      return meta ? texts.of(shapeText(meta.shape)) : none;
    });
    const found = new Int32Array(nodes.length);
    const own = new Map<unknown, number>();
    for (let row = 0; row < found.length; row++) {
      const sizes = this.tensor[row]! < 0 ? undefined : tensors.value(this.tensor[row]!, 'shape');
      if (!sizes) {
        found[row] = given.index[row]! < 0 ? none : codes[given.index[row]!]!;
        continue;
      }
      let code = own.get(sizes);
      if (code === undefined) own.set(sizes, (code = texts.of(shapeText(sizes))));
      found[row] = code;
    }
    return found;
  }

  private hooks(): Int32Array {
    const found = new Int32Array(this.variables.length);
    for (const [node, hooks] of this.model.hooksByNode) {
      const row = this.model.document.tables.nodes.find(node);
      if (row >= 0) found[row] = hooks.length;
    }
    return found;
  }

  /** The first that the document tells about a node; else whether backward would raise there. */
  private findings(): Uint8Array {
    const found = new Uint8Array(this.variables.length);
    const grave = findingCode(this.model.document.failure ? 'error' : 'warning');
    for (const row of this.model.written) found[row] = grave;
    for (const finding of [...this.model.document.findings].reverse() as Finding[])
      for (const { table, id } of finding.about ?? []) {
        const row = table === 'nodes' ? this.model.document.tables.nodes.find(id) : -1;
        if (row >= 0) found[row] = findingCode(severityOf(finding));
      }
    return found;
  }

  /** Whether the saved variables of each node, by row, were all released. */
  private released(): Uint8Array {
    const { start, items } = this.model.memories.lists;
    const states = this.model.document.tables.saved.coded('state');
    const found = new Uint8Array(this.variables.length);
    if (states.values.every(state => state === 'alive')) return found;
    const isReleased = (saved: number): boolean => {
      const code = states.index[saved]!;
      return code >= 0 && states.values[code] !== 'alive';
    };
    for (let row = 0; row < found.length; row++) {
      const own = items.subarray(start[row], start[row + 1]);
      if (own.length && own.every(isReleased)) found[row] = 1;
    }
    return found;
  }

  private gone(): Uint8Array {
    const states = this.model.document.tables.nodes.coded('state');
    const gone = new Uint8Array(states.index.length);
    if (states.values.every(state => state === 'alive')) return gone;
    for (let row = 0; row < gone.length; row++) {
      const code = states.index[row]!;
      if (code >= 0 && states.values[code] !== 'alive') gone[row] = 1;
    }
    return gone;
  }
}
