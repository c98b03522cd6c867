/** What the saved variables of each node, by row, hold: the bytes of their tensors, and whether all were released. */
import type { GraphModel } from './model.js';

export interface SavedSums {
  bytes: Float64Array;
  freed: Uint8Array;
}

export function savedSums({ document: { tables } }: GraphModel): SavedSums {
  const { nodes, saved, tensors } = tables;
  const [owner, held, size] = [saved.numbers('node'), saved.numbers('tensor'), tensors.numbers('bytes')];
  const states = saved.coded('state');
  const bytes = new Float64Array(nodes.length);
  /** 1: all released so far; 2: one is alive. */
  const freed = new Uint8Array(nodes.length);
  const [rows, heldRows] = [nodes.findAll(owner), tensors.findAll(held)];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (row < 0) continue;
    const tensor = heldRows[i]!;
    if (tensor >= 0) bytes[row]! += Math.max(0, size[tensor]!);
    const code = states.index[i]!;
    const alive = code < 0 || states.values[code] === 'alive';
    freed[row] = alive ? 2 : freed[row] || 1;
  }
  for (let row = 0; row < freed.length; row++) if (freed[row] === 2) freed[row] = 0;
  return { bytes, freed };
}
