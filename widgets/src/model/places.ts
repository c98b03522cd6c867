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

export function placesOf({ document: { tables } }: GraphModel): Places {
  const { nodes, ops, modules } = tables;
  const opRow = ops.findAll(nodes.numbers('op'));
  const placed = (member: 'site' | 'module' | 'repeat' | 'turn'): Float64Array => {
    const [own, ofOp] = [nodes.numbers(member), ops.numbers(member)];
    const found = Float64Array.from(own);
    for (let i = 0; i < found.length; i++) if (found[i]! < 0 && opRow[i]! >= 0) found[i] = ofOp[opRow[i]!]!;
    return found;
  };
  const module = modules.findAll(placed('module'));
  return { site: placed('site'), module, repeat: placed('repeat'), turn: placed('turn') };
}
