/** Documents and answers that the goldens lack. */
import { golden } from './harness.js';

/** A bell of 48 bins: what a kernel answers for a saved tensor. */
export const LIVE = {
  stats: {
    result: { dtype: 'float32', shape: [64, 32], version: 0, changed: false, stats: { norm: 11.93, min: -0.61, max: 0.74, mean: 0.0123, std: 0.125 } },
  },
  histogram: {
    result: {
      dtype: 'float32', shape: [64, 32], version: 0, changed: false, below: 0, above: 0, nan: 0, inf: 0,
      edges: { buffer: 0, type: 'f64', shape: [49] },
      counts: { buffer: 1, type: 'f64', shape: [48] },
    },
    buffers: [
      Array.from({ length: 49 }, (_, i) => -0.61 + (1.35 * i) / 48),
      Array.from({ length: 48 }, (_, i) => Math.round(400 * Math.exp(-(((i - 22) / 9) ** 2)))),
    ],
  },
}; // prettier-ignore

/** digits, as it would be before the backward: alive. */
export function alive(): any {
  const document = golden('digits') as any;
  for (const node of document.nodes) (delete node.state, delete node.released_by);
  for (const row of document.saved) delete row.state;
  const last = (row: any): boolean => row.turn === 0;
  const dropped = new Set(
    document.nodes.filter((node: any) => last(node) || node.id < 8).map((node: any) => node.id),
  );
  document.nodes = document.nodes.filter((node: any) => !dropped.has(node.id));
  document.edges = document.edges.filter((edge: any) => !dropped.has(edge.from));
  document.saved = document.saved.filter((row: any) => !dropped.has(row.node));
  for (const row of [...document.nodes, ...document.ops]) (delete row.repeat, delete row.turn);
  delete document.left_out;
  return document;
}

/** A chain whose lower part is beyond the display's bound. */
export function cut(): any {
  const nodes = Array.from({ length: 8 }, (_, i) => ({
    id: 20 - i,
    name: i % 2 ? 'MulBackward0' : 'TanhBackward0',
    inputs: [{ dtype: 'float32', shape: [4] }],
  }));
  return {
    version: '1.0',
    generator: 'test',
    title: 'loss',
    nodes,
    edges: nodes.map(({ id }) => ({ from: id, to: id - 1 })),
    left_out: [{ table: 'nodes', count: 98_200, reason: 'limit' }],
  };
}
