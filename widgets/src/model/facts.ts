/** The few facts of the header, and what the document says was left out. */
import * as format from '../document/format.js';
import type { GraphModel } from './model.js';
import { severityOf, type Severity } from './subject.js';

export interface Facts {
  subject: string;
  items: string[];
  problem: { severity: Severity; text: string; more: number } | undefined;
}

/** Bytes of distinct memory that the saved variables hold. */
export function savedBytes({ document: { tables }, memories }: GraphModel): { alive: number; all: number } {
  const states = tables.saved.coded('state');
  const all = memories.of(states.index.keys());
  if (states.values.every(state => state === 'alive')) return { alive: all, all };
  const isAlive = (row: number): boolean =>
    states.index[row]! < 0 || states.values[states.index[row]!] === 'alive';
  return { alive: memories.of([...states.index.keys()].filter(isAlive)), all };
}

function savedFact(model: GraphModel): string[] {
  const { alive, all } = savedBytes(model);
  if (all === 0) return [];
  if (alive === all) return [`${format.bytes(all)} saved`];
  const whole = format.atLeast({ savedBytes: all, unknown: model.memories.unknown.includes(1) });
  return [alive === 0 ? `${whole} freed` : `${format.bytes(alive)} of ${whole} saved`];
}

function problem(model: GraphModel): Facts['problem'] {
  const { failure, findings } = model.document;
  const known = findings.filter(finding => finding.severity === 'error' || finding.severity === 'warning');
  if (failure) {
    const line = model.place(failure.site)?.line;
    return {
      severity: 'error',
      text: line === undefined ? failure.type : `${failure.type}, line ${line}`,
      more: 0,
    };
  }
  const first = known[0] ?? findings[0];
  const written = first ? 0 : model.written.length;
  if (written) return { severity: 'warning', text: 'saved variable written since', more: written - 1 };
  if (!first) return undefined;
  return { severity: severityOf(first), text: first.kind.replace(/_/g, ' '), more: findings.length - 1 };
}

export function facts(model: GraphModel): Facts {
  const { document } = model;
  const cell = document.cell === undefined ? undefined : model.cells.get(document.cell);
  const missing = document.left_out
    .filter(row => row.table === 'nodes')
    .reduce((sum, row) => sum + row.count, 0);
  const nodes = document.tables.nodes.length;
  return {
    subject: document.title ?? (cell ? model.cellName(cell) : 'graph'),
    items: [
      missing
        ? `${format.count(nodes)} of ${format.counted(nodes + missing, 'node')}`
        : nodes
          ? format.counted(nodes, 'node')
          : 'no graph',
      ...(document.hooks.length ? [format.counted(document.hooks.length, 'hook')] : []),
      ...savedFact(model),
    ],
    problem: problem(model),
  };
}

/** The tables whose rows are the picture; of the others it is clear that what belongs to a missing row is missing. */
const TOLD = ['nodes', 'ops', 'hooks'];

const REASONS: Record<string, string> = {
  limit: 'a display is bounded; run less in one cell to see all of it',
  folded: 'turns of a loop that repeat what is shown',
  mode: 'this mode of exploring does not record them',
};

/** Of each table with missing rows: `98,200 of 100,000`. */
export function leftOutRows(model: GraphModel): [table: string, said: string][] {
  return model.document.left_out.map(({ table, count }) => [table, ofAll(model, table, count)]);
}

function ofAll(model: GraphModel, table: string, count: number): string {
  const tables = model.document.tables as Record<string, { length: number } | undefined>;
  const kept = tables[table]?.length ?? 0;
  return `${format.count(count)} of ${format.count(count + kept)}`;
}

/** `Left out 98,200 of 100,000 ops: the record is bounded…` One sentence a reason; both numbers always. */
export function leftOut(model: GraphModel): string[] {
  const reasons = new Map<string, string[]>();
  const rows = model.document.left_out;
  const told = rows.filter(row => TOLD.includes(row.table));
  for (const { table, count, reason } of told.length ? told : rows) {
    reasons.set(reason, [...(reasons.get(reason) ?? []), `${ofAll(model, table, count)} ${table}`]);
  }
  return [...reasons].map(([reason, parts]) => `Left out ${parts.join(', ')}: ${REASONS[reason] ?? reason}.`);
}
