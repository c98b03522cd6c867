/** Documents of programs that never ran: ops with their nodes, leaves, modules, and what lacks a partner. */
import { random } from '../../bench/graphs/random.js';
import type { Loose } from './goldens.js';

interface Value {
  tensor: number;
  /** Its grad_fn, or the AccumulateGrad of a leaf. */
  node: number | undefined;
}

/**
 * `length` ops, each of up to three of what came before it. Some make no node, some nodes have no op, some leaves are
 * read once and some often, some results are never read.
 */
export function program(seed: number, length: number, modules = 6): Loose {
  const next = random(seed);
  const [nodes, edges, ops, tensors]: Loose[][] = [[], [], [], []];
  const tensor = (more: Loose): number =>
    tensors!.push({ id: tensors!.length + 1, dtype: 'float32', shape: [4], bytes: 16, ...more });
  const node = (more: Loose, takes: number[] = []): number => {
    const id = nodes!.length + 1;
    nodes!.push({ id, name: 'MulBackward0', sequence_nr: id, ...more });
    takes.forEach((to, index) => edges!.push({ from: id, to, index }));
    return id;
  };
  const leaves: Value[] = Array.from({ length: 4 }, (_, i) => {
    const leaf = tensor({ name: `w${i}`, requires_grad: i > 0 });
    return { tensor: leaf, node: i > 0 ? node({ name: 'AccumulateGrad', variable: leaf }) : undefined };
  });
  const made: Value[] = [];
  for (let op = 1; op <= length; op++) {
    const reads = Array.from({ length: 1 + next(3) }, () =>
      made.length && next(3) ? made[Math.max(0, made.length - 1 - next(5))]! : leaves[next(leaves.length)]!,
    );
    let takes = reads.flatMap(read => read.node ?? []);
    if (takes.length && !next(6)) takes = [node({ name: 'CopySlices' }, takes)];
    const grad = takes.length && next(8) ? node({ op }, takes) : undefined;
    const result = tensor({ ...(op === length ? { name: 'loss' } : {}), ...(grad ? { grad_fn: grad } : {}) });
    const module = Math.floor(((op - 1) * modules) / length);
    ops!.push({ id: op, name: 'mul', module, inputs: reads.map(read => read.tensor), outputs: [result] });
    made.push({ tensor: result, node: grad });
  }
  return {
    version: '1.0',
    generator: 'test',
    nodes,
    edges,
    ops,
    tensors,
    modules: Array.from({ length: modules }, (_, id) => ({ id, path: `model.${id}`, type: 'Block' })),
  };
}
