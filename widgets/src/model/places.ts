/** Where each node comes from, by row number: a node that lacks a member has its op's. -1 is absent. */
import type { NumberArray } from '../document/numbers.js';
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
  return {
    site: placed(model, 'site'),
    module: model.document.tables.modules.findAll(placed(model, 'module')),
    repeat: placed(model, 'repeat'),
    turn: placed(model, 'turn'),
  };
}
