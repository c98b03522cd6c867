import { describe, expect, it } from 'vitest';
import { GLANCE } from '../../../widgets/src/groups/fold.js';
import { initiallyOpen } from '../../../widgets/src/groups/open.js';
import { topologicalOrder } from '../../../widgets/src/groups/order.js';
import { findRuns } from '../../../widgets/src/groups/repetition.js';
import { buildScene, type Scene } from '../../../widgets/src/groups/scene.js';
import { treeOf as grouped } from '../../../widgets/src/groups/side-tree.js';
import { groupsOf, membersOf, type Group } from '../../../widgets/src/groups/tree.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { bothSubject } from '../../../widgets/src/model/both.js';
import { forwardSubject } from '../../../widgets/src/model/forward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { Links } from '../../../widgets/src/model/links.js';
import { vertex, type Direction, type Subject } from '../../../widgets/src/model/subject.js';
import { Vertices } from '../../../widgets/src/model/vertices.js';
import { parse } from '../../../widgets/src/document/parse.js';
import { chain, golden, GOLDENS, network, type Loose } from '../support/goldens.js';

const SUBJECTS = { backward: backwardSubject, forward: forwardSubject, both: bothSubject };
const DIRECTIONS: Direction[] = ['backward', 'forward', 'both'];
const EACH = GOLDENS.flatMap(name => DIRECTIONS.map((direction): [string, Direction] => [name, direction]));

function treeOf(document: Loose, direction: Direction = 'backward'): { subject: Subject; tree: Group } {
  const model = new GraphModel(parse(document).document);
  const subject = SUBJECTS[direction](model);
  return { subject, tree: grouped(subject, model) };
}

function isAcyclic(scene: Scene): boolean {
  const waiting = scene.boxes.map(() => 0);
  for (const link of scene.links) waiting[link.to]!++;
  const ready = scene.boxes.flatMap((_, i) => (waiting[i] ? [] : [i]));
  for (const box of ready)
    for (const link of scene.links) if (link.from === box && --waiting[link.to]! === 0) ready.push(link.to);
  return ready.length === scene.boxes.length;
}

describe('topological order', () => {
  it('follows time where the links leave a choice', () => {
    const vertices = Vertices.of(
      ['a', 'b', 'c'].map((name, i) => vertex({ key: name, kind: 'node', name, time: -i })),
    );
    const links = Links.of([{ from: 0, to: 1, name: '', shape: '' }]);
    expect([...topologicalOrder({ direction: 'backward', vertices, links })]).toEqual([2, 0, 1]);
  });

  it('survives a cycle, which only a forged document has', () => {
    const vertices = Vertices.of(['a', 'b'].map(name => vertex({ key: name, kind: 'node', name })));
    const link = (from: number, to: number) => ({ from, to, name: '', shape: '' });
    const subject: Subject = {
      direction: 'backward',
      vertices,
      links: Links.of([link(0, 1), link(1, 0)]),
    };
    expect(topologicalOrder(subject)).toHaveLength(2);
    expect(subject.links).toHaveLength(1);
  });
});

describe('repetition', () => {
  it.each([
    ['aaaa', [{ start: 0, period: 1, count: 4 }]],
    ['abababx', [{ start: 0, period: 2, count: 3 }]],
    ['xyabcabcabcz', [{ start: 2, period: 3, count: 3 }]],
    ['abcd', []],
    ['aabaab', []],
    [
      'aaabbb',
      [
        { start: 0, period: 1, count: 3 },
        { start: 3, period: 1, count: 3 },
      ],
    ],
  ])('of %s', (text, expected) => {
    expect(
      findRuns(
        Array.from(text, c => c.charCodeAt(0)),
        3,
      ),
    ).toEqual(expected);
  });

  it('is looked for once at each place and period, not again and again', () => {
    let reads = 0;
    const length = 20_000;
    const signs = new Proxy(
      {},
      {
        get: (_, name) => (name === 'length' ? length : (reads++, Math.floor(Number(name) / 5000))),
      },
    ) as ArrayLike<number>;
    findRuns(signs, 3);
    expect(reads).toBeLessThan(4 * 64 * length);
  });
});

describe('groups', () => {
  it.each(EACH)('hold each vertex of %s once, %s', (name, direction) => {
    const { subject, tree } = treeOf(golden(name), direction);
    const members = membersOf(tree).get(tree)!;
    expect([...members].sort((a, b) => a - b)).toEqual([...subject.vertices.all.keys()]);
  });

  it.each(EACH)('leave %s without cycles, open or closed, %s', (name, direction) => {
    const { subject, tree } = treeOf(golden(name), direction);
    const all = new Set(groupsOf(tree).map(group => group.key));
    expect(isAcyclic(buildScene(subject, tree, new Set()))).toBe(true);
    if (subject.vertices.length < 500) expect(isAcyclic(buildScene(subject, tree, all))).toBe(true);
  });

  it.each(GOLDENS)('hold an op of %s and its node both, or neither', name => {
    const { subject, tree } = treeOf(golden(name), 'both');
    const { partner } = subject.sides!;
    for (const group of groupsOf(tree)) {
      const members = new Set(membersOf(group).get(group)!);
      for (const at of members) if (partner[at]! >= 0) expect(members.has(partner[at]!)).toBe(true);
    }
  });

  it('are those of the modules, without the one that holds all', () => {
    const { tree } = treeOf(network(3));
    expect(
      groupsOf(tree)
        .map(group => `${group.name} ${group.type}`)
        .sort(),
    ).toEqual(['model.0 Block', 'model.1 Block', 'model.2 Block']);
  });

  it('take the parameters of their module in', () => {
    const { subject, tree } = treeOf(network(2));
    const first = groupsOf(tree).find(group => group.name === 'model.0')!;
    expect(
      membersOf(first)
        .get(first)!
        .map(at => subject.vertices.name(at)),
    ).toEqual(expect.arrayContaining(['model.0.bias', 'model.0.weight']));
  });

  it('split where a module is called twice, so that no cycle comes of it', () => {
    const document = network(3);
    for (const node of document.nodes) if (node.module === 12) node.module = 10;
    const { subject, tree } = treeOf(document);
    expect(isAcyclic(buildScene(subject, tree, new Set()))).toBe(true);
  });

  it('fold equal modules into one box', () => {
    const { tree } = treeOf(network(24));
    const [repeat] = groupsOf(tree).filter(group => group.kind === 'repeat');
    expect(repeat).toMatchObject({
      name: 'model.0 – model.23',
      type: 'Block',
      times: 24,
    });
  });

  it('keep the first and last turn of a loop in sight', () => {
    const { subject, tree } = treeOf(chain(1000));
    const scene = buildScene(subject, tree, initiallyOpen(tree));
    expect(scene.boxes.length).toBeLessThanOrEqual(8);
    expect(scene.boxes.find(box => box.group)!.group).toMatchObject({
      kind: 'repeat',
      name: 'Tanh → Mul',
      times: 498,
    });
  });

  it('take two sites of one place for the same line', () => {
    const document = chain(1000);
    document.cells = [{ id: 1, execution_count: 1, hash: '0'.repeat(16) }];
    document.sites = [1, 2].map(id => ({ id, cell: 1, line: 4, column: 8, end_column: 24 }));
    for (const node of document.nodes.slice(1)) node.site = node.id < 15 ? 1 : 2;
    const { tree } = treeOf(document);
    expect(groupsOf(tree).filter(group => group.times === 498)).toHaveLength(1);
  });
});

describe('the first picture', () => {
  it.each([
    ...GOLDENS.map(name => [name, golden(name)] as const),
    ['a chain', chain(5000)],
    ['48 blocks', network(48)],
  ] as const)('of %s has at most 60 boxes', (_, document) => {
    const { subject, tree } = treeOf(document);
    const { boxes } = buildScene(subject, tree, initiallyOpen(tree));
    expect(boxes.filter(box => !box.open).length).toBeLessThanOrEqual(GLANCE);
    expect(boxes.length).toBeGreaterThan(1);
  });

  it('of what does not repeat has at most 60 boxes too', () => {
    const document = chain(3000);
    document.nodes.forEach(
      (node: Loose, i: number) => (node.name = `Op${(i * i) % 911}x${'abcdefg'[i % 7]}Backward0`),
    );
    document.nodes[0].name = 'AccumulateGrad';
    const { subject, tree } = treeOf(document);
    expect(buildScene(subject, tree, initiallyOpen(tree)).boxes.length).toBeLessThanOrEqual(GLANCE);
  });

  it('of a small graph is open', () => {
    const { tree } = treeOf(network(4));
    expect(initiallyOpen(tree).size).toBe(groupsOf(tree).length);
  });

  it('of more than 150 vertices is closed', () => {
    const { tree } = treeOf(network(40));
    expect(
      groupsOf(tree).filter(group => group.kind === 'module' && initiallyOpen(tree).has(group.key)),
    ).toEqual([]);
  });
});

describe('a scene', () => {
  it('has one link between a group and a box, whatever is inside', () => {
    const { subject, tree } = treeOf(network(2));
    const scene = buildScene(subject, tree, new Set());
    expect(scene.boxes).toHaveLength(2);
    expect(scene.links).toHaveLength(1);
  });

  it('keeps parallel edges between nodes', () => {
    const { subject, tree } = treeOf(golden('small'));
    const scene = buildScene(subject, tree, new Set());
    expect(scene.links.filter(link => link.ports === 2)).toHaveLength(2);
  });

  it('sums what a closed group holds', () => {
    const { subject, tree } = treeOf(network(2));
    expect(buildScene(subject, tree, new Set()).boxes[0]!.summary).toMatchObject({ nodes: 5, parameters: 2 });
  });
});
