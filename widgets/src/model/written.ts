/**
 * Saved variables that were written after they were saved: a backward pass that comes to their node raises. The
 * document has the versions, whether or not anyone has run into it yet.
 */
import type { GraphModel } from './model.js';

/** The rows of their nodes, each once. What a hook packs is brought back as it was; what was released is read by nobody. */
export function writtenSince({ document: { tables } }: GraphModel): number[] {
  const { saved, tensors, nodes } = tables;
  const rows = new Set<number>();
  const then = saved.numbers('version');
  if (!then.some(version => version >= 0)) return [];
  const [tensor, node] = [tensors.findAll(saved.numbers('tensor')), nodes.findAll(saved.numbers('node'))];
  const now = tensors.numbers('version');
  for (let row = 0; row < saved.length; row++) {
    const at = tensor[row]!;
    if (then[row]! < 0 || at < 0 || node[row]! < 0 || now[at]! <= then[row]!) continue;
    const isHeld = saved.value(row, 'state') !== 'freed' && saved.value(row, 'packed_by') === undefined;
    if (isHeld) rows.add(node[row]!);
  }
  return [...rows];
}
