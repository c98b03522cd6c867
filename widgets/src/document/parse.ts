/** Reads a document: refuses another major version, is tolerant of a newer minor, keeps columns as columns. */
import type * as wire from '../generated/document.js';
import { check, checkAll, definition, DocumentError, memberSchema, rowSchema, type Schema } from './check.js';
import { circleOf, isOneWay } from './circle.js';
import { readColumns } from './columns.js';
import { Table } from './table.js';

export { DocumentError } from './check.js';

/** The minor version of the format that this reader knows whole. */
export const KNOWN_MINOR = 0;

/** Numbers on the graph, by the id of a node or an op. */
export interface Overlay extends Omit<wire.Overlay, 'values'> {
  values: wire.Value[];
}

/**
 * The document with every table there, absent ones empty. A table's rows are made when they are first asked for: with
 * many rows, ask `tables` for columns instead.
 */
export interface Document {
  tables: Tables;
  version: string;
  generator: string;
  live?: wire.Live;
  title?: string;
  cell?: number;
  nodes: wire.GraphNode[];
  edges: wire.Edge[];
  ops: wire.Op[];
  tensors: wire.Tensor[];
  storages: wire.TensorStorage[];
  saved: wire.Saved[];
  hooks: wire.Hook[];
  writes: wire.Write[];
  passes: wire.Pass[];
  modules: wire.Module[];
  sites: wire.Site[];
  cells: wire.Cell[];
  repeats: wire.Repeat[];
  overlays: Overlay[];
  findings: wire.Finding[];
  failure?: wire.Failure;
  census?: wire.Census;
  left_out: wire.LeftOut[];
  /** Nodes with an edge to a node that was left out. */
  cut: number[];
}

export interface Parsed {
  document: Document;
  /** What the user should know about the document itself: plain sentences. */
  notices: string[];
}

/** The tables by name, to be read by column or by row. */
export type Tables = {
  [Name in (typeof TABLES)[number]]: Table<Document[Name][number]>;
};

/** The document is of another major version: not broken, but not for this reader. */
export class VersionError extends DocumentError {
  override name = 'VersionError';
}

const TABLES = [
  'nodes', 'edges', 'ops', 'tensors', 'storages', 'saved', 'hooks', 'writes', 'passes', 'modules', 'sites',
  'cells', 'repeats', 'findings', 'left_out',
] as const; // prettier-ignore

/** A columnar table, but for the columns. */
const COLUMNS: Schema = {
  type: 'object',
  properties: { length: { type: 'integer', minimum: 0, maximum: 1 << 24 }, columns: { type: 'object' } },
  required: ['length', 'columns'],
};

function checkVersion(version: unknown): string[] {
  const found = typeof version === 'string' ? /^(\d+)\.(\d+)$/.exec(version) : null;
  if (!found) throw new DocumentError(`version has to be "major.minor", not ${JSON.stringify(version)}.`);
  const [major, minor] = [Number(found[1]), Number(found[2])];
  if (major !== 1) {
    throw new VersionError(
      `This graph is of format ${version}; the installed Tapescope reads format 1. Install a version that matches the one that made it.`,
    );
  }
  return minor > KNOWN_MINOR
    ? [`Made by a newer Tapescope (format ${version}): what this one does not know is not shown.`]
    : [];
}

function isColumns(table: unknown): table is wire.Columns {
  return typeof table === 'object' && table !== null && !Array.isArray(table) && 'columns' in table;
}

/** A table may claim more in a few bytes; a page that drew it would stand still for seconds. */
const MOST_NODES = 1 << 17;
const MOST_ROWS = 1 << 19;

function checkLength(length: number, name: string): void {
  const most = name === 'nodes' ? MOST_NODES : MOST_ROWS;
  if (length > most)
    throw new DocumentError(
      `${name} has ${length.toLocaleString('en-US')} rows, and at most ${most.toLocaleString('en-US')} are read.`,
    );
}

function readTable(value: unknown, schema: Schema, name: string): Table {
  const row = rowSchema(schema);
  if (row && isColumns(value)) {
    check(value, COLUMNS, name);
    checkLength(value.length, name);
    const known = Object.fromEntries(
      Object.entries(value.columns).filter(([member]) => Object.hasOwn(row.properties!, member)),
    );
    const verify = (member: string, found: unknown[]): void =>
      checkAll(found, row.properties![member]!, `${name}.${member}`);
    return readColumns({ length: value.length, columns: known }, row.required ?? [], name, verify);
  }
  if (!Array.isArray(value))
    throw new DocumentError(`${name} has to be a list of rows or a table of columns.`);
  checkLength(value.length, name);
  const item = row ?? schema.items;
  if (item) value.forEach((entry, i) => check(entry, item, `${name}[${i}]`));
  return Table.ofRows(value as object[]);
}

/** An overlay's numbers are a table within a table. */
function readOverlays(value: unknown): Overlay[] {
  check(value, { type: 'array' }, 'overlays');
  return (value as unknown[]).map((overlay, i) => {
    check(overlay, definition('Overlay'), `overlays[${i}]`);
    const { values, ...rest } = overlay as wire.Overlay;
    return {
      ...rest,
      values: readTable(values, definition('Values'), `overlays[${i}].values`).rows as wire.Value[],
    };
  });
}

/** Edges may name only nodes that are there: a drawing of anything else would be a guess. Returns the nodes that lack one. */
function checkReferences(tables: Tables): number[] {
  const { nodes, edges } = tables;
  const { repeated } = nodes;
  if (repeated !== undefined) throw new DocumentError(`nodes: the id ${repeated} comes twice.`);
  const [from, to] = [edges.numbers('from'), edges.numbers('to')];
  if (nodes.hasAll(from) && nodes.hasAll(to)) {
    checkCircles(tables);
    return [];
  }
  const partial = tables.left_out.rows.some(row => row.table === 'nodes');
  const [fromRow, toRow] = [nodes.findAll(from), nodes.findAll(to)];
  const cut = new Set<number>();
  let missing = 0;
  for (let i = 0; i < fromRow.length; i++) {
    if (fromRow[i]! >= 0 && toRow[i]! >= 0) continue;
    if (!partial) {
      const id = fromRow[i]! >= 0 ? to[i] : from[i];
      throw new DocumentError(`edges[${i}] names node ${id}, which is not in nodes.`);
    }
    missing++;
    if (fromRow[i]! >= 0) cut.add(from[i]!);
  }
  if (missing) tables.edges = edges.take([...fromRow.keys()].filter(i => fromRow[i]! >= 0 && toRow[i]! >= 0));
  checkCircles(tables);
  return [...cut];
}

/** So many nodes of a circle are named. */
const NAMED = 6;

function checkCircles({ nodes, edges }: Tables): void {
  const [from, to] = [edges.numbers('from'), edges.numbers('to')];
  if (isOneWay(from, to)) return;
  const circle = circleOf(nodes.findAll(from), nodes.findAll(to), nodes.length);
  if (!circle) return;
  const ids = [...circle, circle[0]!].map(row => String(nodes.value(row, 'id')));
  const way = ids.length > NAMED ? [...ids.slice(0, NAMED - 2), '…', ids[ids.length - 1]] : ids;
  throw new DocumentError(
    `edges: the nodes ${way.join(' → ')} are a circle, and edges have to lead from a node to earlier ones.`,
  );
}

/** Reads `data`, as JSON.parse gave it. Throws DocumentError with the rule that is broken. */
export function parse(data: unknown): Parsed {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new DocumentError('The document has to be an object.');
  }
  const given = data as Record<string, unknown>;
  const notices = checkVersion(given.version);
  for (const name of ['generator', 'nodes', 'edges']) {
    if (!Object.hasOwn(given, name)) throw new DocumentError(`The document lacks the member "${name}".`);
  }
  const document: Record<string, unknown> = { version: given.version };
  for (const name of ['generator', 'live', 'title', 'cell', 'failure', 'census']) {
    if (!Object.hasOwn(given, name)) continue;
    check(given[name], memberSchema(name)!, name);
    document[name] = given[name];
  }
  const tables: Record<string, Table> = {};
  for (const name of TABLES) {
    const schema = memberSchema(name)!;
    tables[name] = Object.hasOwn(given, name) ? readTable(given[name], schema, name) : Table.ofRows([]);
    Object.defineProperty(document, name, { enumerable: true, get: () => tables[name]!.rows });
  }
  document.tables = tables;
  document.overlays = Object.hasOwn(given, 'overlays') ? readOverlays(given.overlays) : [];
  document.cut = checkReferences(tables as unknown as Tables);
  return { document: document as unknown as Document, notices };
}
