/** Where each node comes from, by row number: a node that lacks a member has its op's. -1 is absent. */
import type { NumberArray } from '../document/numbers.js';
import { lineNumbers } from './lines.js';
import type { GraphModel } from './model.js';

export interface Places {
  site: NumberArray;
  /** Row numbers of the modules. */
  module: Int32Array;
  repeat: NumberArray;
  turn: NumberArray;
}

/** The members that a node has from its op where it lacks them itself. */
export type Placed = 'site' | 'module' | 'repeat' | 'turn' | 'created_by';

/** A member by the row of the node. */
export function placed({ document: { tables } }: GraphModel, member: Placed): Float64Array {
  const { nodes, ops } = tables;
  const opRow = ops.findAll(nodes.numbers('op'));
  const [own, ofOp] = [nodes.numbers(member), ops.numbers(member)];
  const found = new Float64Array(own);
  for (let i = 0; i < found.length; i++) if (found[i]! < 0 && opRow[i]! >= 0) found[i] = ofOp[opRow[i]!]!;
  return found;
}

export function placesOf(model: GraphModel): Places {
  const [site, repeat] = [placed(model, 'site'), placed(model, 'repeat')];
  forgetSomeTurns(model, site, repeat);
  const module = model.document.tables.modules.findAll(placed(model, 'module'));
  return { site, module, repeat, turn: placed(model, 'turn') };
}

/**
 * Of a folded loop the trace has the ops of two turns, while the graph may have the nodes of all. Then the turn is
 * known of some nodes only, and of these it is forgotten: all turns are to look the same.
 */
function forgetSomeTurns(model: GraphModel, site: Float64Array, repeat: Float64Array): void {
  if (!model.repeats.size) return;
  const { sites } = model.document.tables;
  const lines = lineNumbers(model);
  const lineOf = (row: number): number => (site[row]! < 0 ? -1 : (lines[sites.find(site[row])] ?? -1));
  /** The loops whose turns have nodes of a line. */
  const loops = new Map<number, Set<number>>();
  for (let row = 0; row < repeat.length; row++) {
    const line = repeat[row]! < 0 ? -1 : lineOf(row);
    if (line >= 0) loops.set(line, (loops.get(line) ?? new Set()).add(repeat[row]!));
  }
  const some = new Set<number>();
  for (let row = 0; row < repeat.length; row++)
    if (repeat[row]! < 0) for (const loop of loops.get(lineOf(row)) ?? []) some.add(loop);
  for (let row = 0; row < repeat.length; row++) if (some.has(repeat[row]!)) repeat[row] = -1;
}
