/**
 * The vertices of a subject in columns: what walks over all of them reads these, and a vertex is made when it is asked
 * for. Of 100,000 only those in sight ever are.
 */
import type { Ref } from '../generated/document.js';
import { Texts } from './texts.js';
import type { Severity, Vertex, VertexKind } from './subject.js';
import { family, type Family } from './names.js';

/** A kind's place here is its code. */
export const KINDS: readonly VertexKind[] = ['node', 'leaf', 'output', 'failed', 'torn', 'port'];
export const [NODE, LEAF, OUTPUT, FAILED] = [0, 1, 2, 3];

/** Gravest last: a finding's place here is its code. */
const FINDINGS: readonly (Severity | undefined)[] = [undefined, 'info', 'warning', 'error'];
export const findingCode = (finding: Severity | undefined): number => FINDINGS.indexOf(finding);
export const findingOf = (code: number): Severity | undefined => FINDINGS[code];

/** A table's place here is its code. */
export const TABLES: readonly (Ref['table'] | undefined)[] = [undefined, 'nodes', 'ops', 'tensors'];
export const [NODES, OPS, TENSORS] = [1, 2, 3];

/** One value a vertex; -1 is absent. Names and shapes are codes, equal where the texts are; modules may come twice. */
export interface Columns {
  kind: Uint8Array;
  name: Int32Array;
  names: Texts;
  shape: Int32Array;
  shapes: Texts;
  module: Int32Array;
  modules: (string | undefined)[];
  repeat: Float64Array;
  turn: Float64Array;
  site: Float64Array;
  time: Float64Array;
  hooks: Int32Array;
  savedBytes: Float64Array;
  freed: Uint8Array;
  /** 1: it is not known any more what it saved. */
  unknown: Uint8Array;
  finding: Uint8Array;
  /** Where the row behind a vertex is: table and id. */
  table: Uint8Array;
  id: Float64Array;
}

export function emptyColumns(count: number): Columns {
  return {
    kind: new Uint8Array(count),
    name: new Int32Array(count),
    names: new Texts(),
    shape: new Int32Array(count),
    shapes: new Texts(),
    module: new Int32Array(count).fill(-1),
    modules: [],
    repeat: new Float64Array(count).fill(-1),
    turn: new Float64Array(count).fill(-1),
    site: new Float64Array(count).fill(-1),
    time: new Float64Array(count),
    hooks: new Int32Array(count),
    savedBytes: new Float64Array(count),
    freed: new Uint8Array(count),
    unknown: new Uint8Array(count),
    finding: new Uint8Array(count),
    table: new Uint8Array(count),
    id: new Float64Array(count).fill(-1),
  };
}

/** Puts a vertex that is made already into columns. `module`: its place in `columns.modules`, or -1. */
export function put(columns: Columns, at: number, vertex: Vertex, module = -1): void {
  const { repeat, ref } = vertex;
  columns.kind[at] = KINDS.indexOf(vertex.kind);
  columns.name[at] = columns.names.of(vertex.name);
  columns.shape[at] = columns.shapes.of(vertex.shape);
  columns.module[at] = module;
  columns.repeat[at] = repeat?.id ?? -1;
  columns.turn[at] = repeat?.turn ?? -1;
  columns.site[at] = vertex.site ?? -1;
  columns.time[at] = vertex.time;
  columns.hooks[at] = vertex.hooks;
  columns.savedBytes[at] = vertex.savedBytes;
  columns.freed[at] = Number(vertex.freed);
  columns.unknown[at] = Number(vertex.unknown);
  columns.finding[at] = findingCode(vertex.finding);
  columns.table[at] = Math.max(0, TABLES.indexOf(ref?.table));
  columns.id[at] = ref?.id ?? -1;
}

/** What a vertex says in words of its own. */
export interface Details {
  key(vertex: number): string;
  note(vertex: number): string;
  use(vertex: number): Vertex['use'];
  /** The bytes that some vertices hold together, if that is less than the sum of what each holds. */
  saved?(vertices: ArrayLike<number>): number;
}

export class Vertices {
  readonly length: number;
  private made: Vertex[] = [];
  private places: Map<string, number> | undefined;

  constructor(
    readonly columns: Columns,
    private readonly details: Details,
  ) {
    this.length = columns.kind.length;
  }

  /** Of vertices that are made already. */
  static of(list: Vertex[]): Vertices {
    const columns = emptyColumns(list.length);
    const modules = new Texts();
    list.forEach((each, at) =>
      put(columns, at, each, each.module === undefined ? -1 : modules.of(each.module)),
    );
    columns.modules = modules.all;
    const vertices = new Vertices(columns, {
      key: vertex => list[vertex]!.key,
      note: vertex => list[vertex]!.note,
      use: vertex => list[vertex]!.use,
    });
    vertices.made = list;
    return vertices;
  }

  key(vertex: number): string {
    return this.details.key(vertex);
  }

  /** The vertex with a key, or -1. */
  indexOf(key: string): number {
    this.places ??= new Map(Array.from({ length: this.length }, (_, i) => [this.key(i), i]));
    return this.places.get(key) ?? -1;
  }

  note(vertex: number): string {
    return this.details.note(vertex);
  }

  use(vertex: number): Vertex['use'] {
    return this.details.use(vertex);
  }

  name(vertex: number): string {
    return this.columns.names.all[this.columns.name[vertex]!]!;
  }

  kind(vertex: number): VertexKind {
    return KINDS[this.columns.kind[vertex]!]!;
  }

  /** Whether it ends every path on one side. */
  isEnd(vertex: number): boolean {
    const kind = this.columns.kind[vertex]!;
    return kind === LEAF || kind === OUTPUT;
  }

  /** The bytes of distinct memory that some vertices hold. */
  saved(vertices: ArrayLike<number>): number {
    if (this.details.saved) return this.details.saved(vertices);
    let sum = 0;
    for (let i = 0; i < vertices.length; i++) sum += this.columns.savedBytes[vertices[i]!]!;
    return sum;
  }

  /** The families that there are. */
  get families(): Set<Family> {
    const { kind, name, names } = this.columns;
    const found = new Uint8Array(names.all.length);
    for (let at = 0; at < this.length; at++)
      if (kind[at] === NODE || kind[at] === FAILED) found[name[at]!] = 1;
    return new Set(names.all.filter((_, code) => found[code]).map(family));
  }

  at(vertex: number): Vertex {
    return (this.made[vertex] ??= this.make(vertex));
  }

  /** All of them, made. */
  get all(): Vertex[] {
    return Array.from({ length: this.length }, (_, vertex) => this.at(vertex));
  }

  private make(i: number): Vertex {
    const { columns, details } = this;
    const kind = this.kind(i);
    const name = this.name(i);
    const table = TABLES[columns.table[i]!];
    const module = columns.module[i]!;
    const repeat = columns.repeat[i]!;
    const site = columns.site[i]!;
    return {
      key: details.key(i),
      kind,
      name,
      note: details.note(i),
      family: kind === 'node' || kind === 'failed' ? family(name) : undefined,
      ref: table && { table, id: columns.id[i]! },
      module: module < 0 ? undefined : columns.modules[module],
      repeat: repeat < 0 ? undefined : { id: repeat, turn: columns.turn[i]! },
      site: site < 0 ? undefined : site,
      time: columns.time[i]!,
      shape: columns.shapes.all[columns.shape[i]!]!,
      hooks: columns.hooks[i]!,
      savedBytes: columns.savedBytes[i]!,
      freed: columns.freed[i] === 1,
      unknown: columns.unknown[i] === 1,
      finding: FINDINGS[columns.finding[i]!],
      use: details.use(i),
    };
  }
}
