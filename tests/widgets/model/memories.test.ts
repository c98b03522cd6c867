import { describe, expect, it } from 'vitest';
import { parse } from '../../../widgets/src/document/parse.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { model, type Loose } from '../support/goldens.js';

const tensor = (id: number, bytes: number, storage?: number): Loose => ({
  id,
  dtype: 'float32',
  shape: [bytes / 4],
  bytes,
  ...(storage === undefined ? {} : { storage }),
});
const saved = (id: number, node: number, of?: number): Loose => ({
  id,
  node,
  name: 'self',
  ...(of === undefined ? {} : { tensor: of }),
});

/** Nodes 1 and 2 save: a tensor, a view of half of it, one without known memory, and what is no tensor. */
function holding(): GraphModel {
  const document = {
    version: '1.0',
    generator: 'test',
    nodes: [
      { id: 1, name: 'MulBackward0' },
      { id: 2, name: 'SinBackward0' },
    ],
    edges: [],
    tensors: [tensor(10, 64, 7), tensor(11, 32, 7), tensor(12, 16), tensor(13, 8)],
    storages: [{ id: 7, bytes: 64 }],
    saved: [saved(0, 1, 10), saved(1, 1, 10), saved(2, 1, 12), saved(3, 2, 11), saved(4, 2), saved(5, 2, 13)],
  };
  return new GraphModel(parse(document).document);
}

describe('memories', () => {
  it('count what a node saves twice once', () => {
    const { memories } = holding();
    memories.begin();
    expect(memories.ofNode(0)).toBe(64 + 16);
    memories.begin();
    expect(memories.ofNode(1)).toBe(32 + 8);
  });

  it('count a tensor and a view of it together as the larger, in either order', () => {
    const { memories } = holding();
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      memories.begin();
      expect(order.reduce((sum, row) => sum + memories.ofNode(row), 0)).toBe(64 + 16 + 8);
    }
    expect(memories.of([3, 0, 4])).toBe(64);
    expect(memories.of([])).toBe(0);
  });
});

describe('nodes that were built while another was evaluated', () => {
  it('are those whose op or own row says so', () => {
    const given = model('double_backward');
    const { nodes } = given.document;
    const builders = new Set(nodes.map(node => given.createdBy(node)).filter(by => by !== undefined));
    expect(builders.size).toBeGreaterThan(0);
    for (const { id } of nodes)
      expect(given.builtBy(id)).toEqual(
        nodes.flatMap(node => (given.createdBy(node) === id ? [node.id] : [])),
      );
  });
});
