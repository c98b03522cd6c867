/** Any graph: the first picture has at most 60 boxes, the groups hold each vertex once, and no cycle comes of them. */
import { describe, expect, it } from 'vitest';
import { fold, GLANCE } from '../../../widgets/src/groups/fold.js';
import { membersIn } from '../../../widgets/src/groups/members.js';
import { initiallyOpen } from '../../../widgets/src/groups/open.js';
import { buildScene, type Scene } from '../../../widgets/src/groups/scene.js';
import { buildTree, groupsOf, type Group } from '../../../widgets/src/groups/tree.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import type { Subject, Vertex } from '../../../widgets/src/model/subject.js';
import { parse } from '../../../widgets/src/document/parse.js';
import * as graphs from '../../bench/graphs/index.js';

const CASES: Record<string, graphs.GraphMaker> = {
  ...graphs.SMALL,
  'a loop': () => graphs.loop(2000),
  'a chain that does not repeat': () => graphs.chain(6000),
  'a deep random graph': () => graphs.randomDag(5000, 12),
  'a flat random graph': () => graphs.randomDag(5000, 2500),
  'a wide graph': () => graphs.wide(400, 10),
  'a sum of 5,000 leaves': () => graphs.fan(5000),
  '3,000 outputs': () => graphs.outputs(3000),
  'a hub': () => graphs.hub(3000),
};

function treeOf(document: Record<string, unknown>): { model: GraphModel; subject: Subject; tree: Group } {
  const model = new GraphModel(parse(document).document);
  const subject = backwardSubject(model);
  const tree = buildTree(subject, model);
  if (subject.vertices.length > GLANCE) fold(tree, subject, model);
  return { model, subject, tree };
}

function isAcyclic({ boxes, links }: Scene): boolean {
  const waiting = new Int32Array(boxes.length);
  const out: number[][] = boxes.map(() => []);
  for (const { from, to } of links) {
    out[from]!.push(to);
    waiting[to]!++;
  }
  const ready = boxes.flatMap((_, i) => (waiting[i] ? [] : [i]));
  for (const box of ready) for (const to of out[box]!) if (--waiting[to]! === 0) ready.push(to);
  return ready.length === boxes.length;
}

describe.each(Object.keys(CASES))('%s', name => {
  const { model, subject, tree } = treeOf(CASES[name]!());
  const groups = groupsOf(tree);

  it('begins with at most 60 boxes, which say something', () => {
    const { boxes } = buildScene(subject, tree, initiallyOpen(tree));
    const shown = boxes.filter(box => !box.open);
    expect(shown.length).toBeLessThanOrEqual(GLANCE);
    expect(shown.length).toBeGreaterThan(1);
    for (const box of boxes) if (box.group) expect(box.group.name).not.toBe('');
  });

  it('has groups that hold each vertex once, and that open to what can be read', () => {
    const all = [...membersIn(tree).of(tree)].sort((a, b) => a - b);
    expect(all).toEqual(subject.vertices.all.map((_, i) => i));
    for (const group of [tree, ...groups]) expect(group.children.length).toBeLessThanOrEqual(GLANCE + 25);
    expect(new Set(groups.map(group => group.key)).size).toBe(groups.length);
    for (const group of groups) expect(group.parent!.children).toContain(group);
  });

  it('has no cycle, whatever is open', () => {
    const next = graphs.random(7);
    for (let i = 0; i < 6; i++) {
      const open = new Set(groups.filter(() => next(3) > 0).map(group => group.key));
      expect(isAcyclic(buildScene(subject, tree, open))).toBe(true);
    }
  });

  /** The bytes of the largest tensor in each memory that the saved variables of some nodes hold. */
  const heldBy = (nodes: Vertex[]): number => {
    const bytes = new Map<string, number>();
    for (const { ref } of nodes)
      for (const { tensor: id } of (ref?.table === 'nodes' && model.saved.get(ref.id)) || []) {
        const tensor = id === undefined ? undefined : model.tensors.get(id);
        if (!tensor) continue;
        const key = tensor.storage === undefined ? `tensor ${tensor.id}` : `storage ${tensor.storage}`;
        bytes.set(key, Math.max(bytes.get(key) ?? 0, tensor.bytes));
      }
    return [...bytes.values()].reduce((a, b) => a + b, 0);
  };

  it('is summed up group by group', () => {
    const members = membersIn(tree);
    for (const group of groups.slice(0, 50)) {
      const { nodes, savedBytes, hooks } = members.summary(group, subject);
      const own = [...members.of(group)].map(at => subject.vertices.at(at)).filter(({ kind }) => kind !== 'output');
      expect(savedBytes).toBe(heldBy(own));
      expect(hooks).toBe(own.reduce((sum, vertex) => sum + vertex.hooks, 0));
      expect(nodes).toBe(new Set(own.map(({ ref, key }) => (ref ? `${ref.table}${ref.id}` : key))).size);
    }
  }); // prettier-ignore
});
