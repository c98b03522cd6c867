/** The golden documents, and small ones made to order. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, type Document } from '../../../widgets/src/document/parse.js';
import { GraphModel } from '../../../widgets/src/model/model.js';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'golden');

export const GOLDENS = readdirSync(FOLDER)
  .filter(name => name.endsWith('.json'))
  .map(name => name.slice(0, -'.json'.length))
  .sort();

export type Loose = any;

export function golden(name: string): Loose {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
}

export function read(name: string): Document {
  return parse(golden(name)).document;
}

export function model(name: string): GraphModel {
  return new GraphModel(read(name));
}

/** `length` nodes in a row, each a tanh of one line, and a leaf at the end. */
export function chain(length: number): Loose {
  const nodes: Loose[] = [{ id: 0, name: 'AccumulateGrad', variable: 1 }];
  const edges: Loose[] = [];
  for (let id = 1; id <= length; id++) {
    nodes.push({
      id,
      name: id % 2 ? 'MulBackward0' : 'TanhBackward0',
      sequence_nr: id,
      inputs: [{ dtype: 'float32', shape: [4] }],
    });
    edges.push({ from: id, to: id - 1 });
  }
  const tensors = [
    {
      id: 1,
      dtype: 'float32',
      shape: [4],
      bytes: 16,
      name: 'x',
      requires_grad: true,
    },
  ];
  return { version: '1.0', generator: 'test', nodes, edges, tensors };
}

/**
 * A loop of `turns` whose body is `lines` lines in the function `step`, an op each. The ops of the first and the last
 * turn are there, the nodes of all: as the engine shows a loop whose graph is kept.
 */
export function unrolled(turns: number, lines: number): Loose {
  const document = chain(turns * lines);
  const names = Array.from({ length: lines }, (_, i) => `Op${String.fromCharCode(97 + i)}`);
  const ops: Loose[] = [];
  const tensor = { dtype: 'float32', shape: [4], bytes: 16 };
  for (const node of document.nodes) {
    if (!node.id) continue;
    const [turn, line] = [Math.floor((node.id - 1) / lines), (node.id - 1) % lines];
    Object.assign(node, { name: `${names[line]}Backward0`, site: line + 1 });
    if (turn > 0 && turn < turns - 1) continue;
    document.tensors.push({ id: node.id + 1, ...tensor, grad_fn: node.id });
    ops.push({ id: node.id, name: names[line]!.toLowerCase(), inputs: [node.id], outputs: [node.id + 1], site: line + 1, repeat: 1, turn });
    node.op = node.id;
  }
  document.tensors.at(-1).name = 'y';
  return {
    ...document,
    ops,
    cell: 3,
    cells: [{ id: 3, execution_count: 3, hash: '0'.repeat(16) }],
    sites: names.map((_, i) => ({ id: i + 1, cell: 3, line: i + 2, column: 4, end_column: 9, function: 'step' })),
    repeats: [{ id: 1, count: turns, site: 1 }],
    left_out: [{ table: 'ops', count: (turns - 2) * lines, reason: 'folded' }],
  };
} // prettier-ignore

/** `blocks` modules of the class Block, each a linear layer with its parameters. */
export function network(blocks: number): Loose {
  const document: Loose = {
    version: '1.0', generator: 'test', nodes: [], edges: [], ops: [], tensors: [],
    modules: [{ id: 1, path: 'model', type: 'Sequential' }],
  }; // prettier-ignore
  let below: number | undefined;
  let id = 0;
  for (let block = 0; block < blocks; block++) {
    const module = 10 + block;
    document.modules.push({
      id: module,
      path: `model.${block}`,
      type: 'Block',
    });
    const add = (name: string, more: Loose = {}): number => {
      document.nodes.push({
        id: ++id,
        name,
        inputs: [{ dtype: 'float32', shape: [8, 8] }],
        module,
        sequence_nr: id,
        ...more,
      });
      return id;
    };
    const leaf = (name: string): number => {
      const tensor = document.tensors.length + 1;
      document.tensors.push({
        id: tensor,
        dtype: 'float32',
        shape: [8, 8],
        bytes: 256,
        name: `model.${block}.${name}`,
        requires_grad: true,
      });
      document.nodes.push({
        id: ++id,
        name: 'AccumulateGrad',
        variable: tensor,
        inputs: [{ dtype: 'float32', shape: [8, 8] }],
      });
      return id;
    };
    const bias = leaf('bias');
    const weight = leaf('weight');
    const transposed = add('TBackward0');
    const product = add('AddmmBackward0');
    const relu = add('ReluBackward0');
    document.edges.push({ from: transposed, to: weight }, { from: product, to: bias, index: 0 });
    if (below !== undefined) document.edges.push({ from: product, to: below, index: 1 });
    document.edges.push({ from: product, to: transposed, index: 2 }, { from: relu, to: product });
    below = relu;
  }
  return document;
}
