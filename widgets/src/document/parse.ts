/** Reads a document: refuses another major version, is tolerant of a newer minor, writes columns out as rows. */
import type * as wire from '../generated/document.js';
import { check, definition, DocumentError, memberSchema, rowSchema, type Schema } from './check.js';
import { rowsOf } from './columns.js';

export { DocumentError } from './check.js';

/** The minor version of the format that this reader knows whole. */
export const KNOWN_MINOR = 0;

/** Numbers on the graph, by the id of a node or an op. */
export interface Overlay extends Omit<wire.Overlay, 'values'> {
  values: wire.Value[];
}

/** The document with every table written out as rows, absent tables as empty ones. */
export interface Document {
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

/** The document is of another major version: not broken, but not for this reader. */
export class VersionError extends DocumentError {
  override name = 'VersionError';
}

const TABLES = [
  'nodes', 'edges', 'ops', 'tensors', 'storages', 'saved', 'hooks', 'writes', 'passes', 'modules', 'sites',
  'cells', 'repeats', 'findings', 'left_out',
] as const; // prettier-ignore

/** A chain of this many rows more than a table may have is refused by the schema; this guards list tables too. */
const MAX_ROWS = 1 << 24;

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

function readTable(value: unknown, schema: Schema, name: string): unknown[] {
  const row = rowSchema(schema);
  if (row && isColumns(value)) {
    check({ length: value.length }, { type: 'object', properties: { length: { type: 'integer', minimum: 0, maximum: MAX_ROWS } }, required: ['length'] }, name); // prettier-ignore
    const known = Object.fromEntries(
      Object.entries(value.columns).filter(([member]) => Object.hasOwn(row.properties!, member)),
    );
    const verify = (member: string, found: unknown): void =>
      check(found, row.properties![member]!, `${name}.${member}`);
    return rowsOf({ length: value.length, columns: known }, row.required ?? [], name, verify);
  }
  if (!Array.isArray(value))
    throw new DocumentError(`${name} has to be a list of rows or a table of columns.`);
  const item = row ?? schema.items;
  if (item) value.forEach((entry, i) => check(entry, item, `${name}[${i}]`));
  return value;
}

/** An overlay's numbers are a table within a table. */
function readOverlays(value: unknown): Overlay[] {
  check(value, { type: 'array' }, 'overlays');
  return (value as unknown[]).map((overlay, i) => {
    check(overlay, definition('Overlay'), `overlays[${i}]`);
    const { values, ...rest } = overlay as wire.Overlay;
    return {
      ...rest,
      values: readTable(values, definition('Values'), `overlays[${i}].values`) as wire.Value[],
    };
  });
}

/** Edges may name only nodes that are there: a drawing of anything else would be a guess. */
function checkReferences(document: Document): void {
  const ids = new Set<number>();
  for (const node of document.nodes) {
    if (ids.has(node.id)) throw new DocumentError(`nodes: the id ${node.id} comes twice.`);
    ids.add(node.id);
  }
  const partial = document.left_out.some(row => row.table === 'nodes');
  for (const [i, edge] of document.edges.entries()) {
    for (const end of [edge.from, edge.to]) {
      if (!ids.has(end) && !partial)
        throw new DocumentError(`edges[${i}] names node ${end}, which is not in nodes.`);
    }
  }
  document.cut = [
    ...new Set(document.edges.filter(({ from, to }) => ids.has(from) && !ids.has(to)).map(edge => edge.from)),
  ];
  document.edges = document.edges.filter(edge => ids.has(edge.from) && ids.has(edge.to));
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
  for (const name of TABLES) {
    document[name] = Object.hasOwn(given, name) ? readTable(given[name], memberSchema(name)!, name) : [];
  }
  document.overlays = Object.hasOwn(given, 'overlays') ? readOverlays(given.overlays) : [];
  const read = document as unknown as Document;
  checkReferences(read);
  return { document: read, notices };
}
