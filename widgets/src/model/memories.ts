/**
 * The memory that saved variables hold. Two of them may lie in the same: whoever sums over several nodes counts it
 * once, or the parts would be more than the whole.
 */
import type { Lists } from '../layout/csr.js';
import type { GraphModel } from './model.js';

export class Memories {
  /** Rows of saved variables by the row of their node. */
  readonly lists: Lists;
  /** The tensor of each saved variable, by row; -1 is absent. */
  private readonly tensor: Int32Array;
  /** The memory of each tensor, by row: the first tensor that lies in it. */
  private readonly memory: Int32Array;
  private readonly bytes: ArrayLike<number>;
  private readonly stamp: Int32Array;
  /** Of each memory, the bytes counted under its stamp: of a tensor and a view of it, those of the larger. */
  private readonly counted: Float64Array;
  private mark = 0;
  private unknownNodes: Uint8Array | undefined;

  constructor(private readonly model: GraphModel) {
    const { document: { tables }, saved: joined } = model; // prettier-ignore
    const { saved, tensors } = tables;
    this.lists = joined.lists;
    this.tensor = tensors.findAll(saved.numbers('tensor'));
    this.bytes = tensors.numbers('bytes');
    this.memory = memories(tensors.numbers('storage'));
    this.stamp = new Int32Array(tensors.length);
    this.counted = new Float64Array(tensors.length);
  }

  /**
   * Nodes, by row, of which nobody knows any more what they saved: they are gone, or it was released before anyone
   * looked. What they and others saved is at least what is known of the others.
   */
  get unknown(): Uint8Array {
    return (this.unknownNodes ??= this.findUnknown());
  }

  private findUnknown(): Uint8Array {
    const { nodes, saved } = this.model.document.tables;
    const [node, state] = [nodes.coded('state'), saved.coded('state')];
    const found = new Uint8Array(nodes.length);
    if (!node.values.includes('gone') && !state.values.includes('freed')) return found;
    const variable = nodes.numbers('variable');
    const { start, items } = this.lists;
    for (let row = 0; row < found.length; row++) {
      // What accumulates saves nothing.
      if (variable[row]! >= 0) continue;
      const own = items.subarray(start[row], start[row + 1]);
      const isLost = (at: number): boolean =>
        this.tensor[at]! < 0 && state.values[state.index[at]!] === 'freed';
      const lost = own.length ? own.every(isLost) : node.values[node.index[row]!] === 'gone';
      if (lost) found[row] = 1;
    }
    return found;
  }

  /** Begins a sum: nothing is counted yet. */
  begin(): void {
    this.mark++;
  }

  /** The bytes that one saved variable adds to what has been counted. */
  private add(saved: number): number {
    const tensor = this.tensor[saved]!;
    if (tensor < 0) return 0;
    const memory = this.memory[tensor]!;
    const before = this.stamp[memory] === this.mark ? this.counted[memory]! : 0;
    this.stamp[memory] = this.mark;
    const bytes = Math.max(before, this.bytes[tensor]!);
    this.counted[memory] = bytes;
    return bytes - before;
  }

  /** The bytes that the saved variables of a node, by row, add to what has been counted. */
  ofNode(row: number): number {
    const { start, items } = this.lists;
    let sum = 0;
    for (let k = start[row]!; k < start[row + 1]!; k++) sum += this.add(items[k]!);
    return sum;
  }

  /** The bytes that some saved variables, by row, hold together. */
  of(saved: Iterable<number>): number {
    this.begin();
    let sum = 0;
    for (const row of saved) sum += this.add(row);
    return sum;
  }
}

/** A tensor whose memory is not known has one of its own. */
function memories(storages: ArrayLike<number>): Int32Array {
  const first = new Map<number, number>();
  const found = new Int32Array(storages.length);
  for (let tensor = 0; tensor < found.length; tensor++) {
    const storage = storages[tensor]!;
    const known = storage < 0 ? undefined : first.get(storage);
    if (storage >= 0 && known === undefined) first.set(storage, tensor);
    found[tensor] = known ?? tensor;
  }
  return found;
}
