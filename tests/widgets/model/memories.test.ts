import { describe, expect, it } from 'vitest';
import { parse } from '../../../widgets/src/document/parse.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { adopt, group } from '../../../widgets/src/groups/tree.js';
import { membersIn } from '../../../widgets/src/groups/members.js';
import { summaryText } from '../../../widgets/src/groups/scene.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { facts } from '../../../widgets/src/model/facts.js';
import { Trace } from '../../../widgets/src/view/trace.js';
import { overlaysOf } from '../../../widgets/src/view/overlays/overlay.js';
import { pictureOf } from '../support/picture.js';
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

describe('what nobody knows any more', () => {
  const lost = (): GraphModel => {
    const document: Loose = {
      version: '1.0',
      generator: 'test',
      nodes: [
        { id: 1, name: 'MulBackward0', state: 'gone' },
        { id: 2, name: 'SinBackward0', state: 'released' },
        { id: 3, name: 'ExpBackward0', state: 'released' },
        { id: 4, name: 'AddBackward0', state: 'released' },
        { id: 5, name: 'AccumulateGrad', variable: 13, state: 'gone' },
      ],
      edges: [],
      tensors: [tensor(12, 16), tensor(13, 8)],
      // Of the third, beside a tensor that is known, None was saved.
      saved: [saved(1, 2), saved(2, 3, 12), saved(3, 3)].map(row => ({ ...row, state: 'freed' })),
    };
    return new GraphModel(parse(document).document);
  };

  it('is of nodes that are gone, and of what was released unseen; not of those that save nothing', () => {
    expect([...lost().memories.unknown]).toEqual([1, 1, 0, 0, 0]);
    expect([...holding().memories.unknown]).toEqual([0, 0]);
  });

  it('makes a sum one of at least so many bytes', () => {
    expect(facts(lost()).items).toContain('≥ 16 B freed');
    const subject = backwardSubject(lost());
    const root = group('root', 'root', '');
    adopt(root, [...subject.vertices.columns.kind.keys()]);
    const summary = membersIn(root).summary(root, subject);
    expect(summaryText(summary, 'backward')).toContain('≥ 16 B freed');
  });

  it('is not None in the colours', () => {
    const model = lost();
    const trace = new Trace('backward', model, undefined);
    const { subject } = trace;
    const overlay = overlaysOf(model, subject).find(({ name }) => name === 'saved_bytes')!;
    const picture = pictureOf(trace);
    const tints = overlay.tints(picture, subject);
    const said = Object.fromEntries(
      picture.scene.boxes.map((box, at) => [box.vertex!.name, tints(at)?.text]),
    );
    expect(said).toMatchObject({
      MulBackward0: 'Not known',
      SinBackward0: 'Not known',
      ExpBackward0: '16 B',
      AddBackward0: 'None',
    });
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
