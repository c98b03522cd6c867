/** Loops whose ops were folded while the graph has the nodes of all turns: one repetition, nothing torn. */
import { describe, expect, it } from 'vitest';
import { treeOf } from '../../../widgets/src/groups/side-tree.js';
import { groupsOf, membersOf, type Group } from '../../../widgets/src/groups/tree.js';
import { parse } from '../../../widgets/src/document/parse.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { bothSubject } from '../../../widgets/src/model/both.js';
import { forwardSubject } from '../../../widgets/src/model/forward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { stripsOf, type Strip } from '../../../widgets/src/model/torn.js';
import type { Direction, Subject } from '../../../widgets/src/model/subject.js';
import { unrolled, type Loose } from '../support/goldens.js';

const SUBJECTS = { backward: backwardSubject, forward: forwardSubject, both: bothSubject };

function looked(document: Loose, direction: Direction): { subject: Subject; tree: Group; strips: Strip[] } {
  const model = new GraphModel(parse(document).document);
  const subject = SUBJECTS[direction](model);
  return { subject, tree: treeOf(subject, model), strips: stripsOf(subject, model) };
}

const said = (tree: Group): string[] =>
  groupsOf(tree).map(({ name, type, times }) =>
    [name, type, times ? `× ${times}` : ''].filter(Boolean).join(' '),
  );

describe('a loop whose nodes are all there', () => {
  it('is one repetition in the graph, with its first and last turn beside it, and not torn', () => {
    const { subject, tree, strips } = looked(unrolled(100, 2), 'backward');
    expect(strips).toEqual([]);
    expect(
      tree.children.filter(child => typeof child !== 'number').map(({ name, times }) => [name, times]),
    ).toEqual([['Opb → Opa', 98]]);
    const outside = tree.children
      .filter(child => typeof child === 'number')
      .map(at => subject.vertices.name(at));
    expect(outside.sort()).toEqual([
      'OpaBackward0',
      'OpaBackward0',
      'OpbBackward0',
      'OpbBackward0',
      'x',
      'y',
    ]);
  });

  it('is torn in the trace, whose ops are missing', () => {
    const { tree, strips } = looked(unrolled(100, 2), 'forward');
    expect(strips.map(strip => strip.vertex.name)).toEqual(['98 turns left out']);
    expect(said(tree)).toEqual(['turn 1 of 100', 'turn 100 of 100']);
  });

  it('says beside its nodes that ops are missing, not turns', () => {
    const [strip] = looked(unrolled(100, 2), 'both').strips;
    expect(strip!.vertex.name).toBe('ops of 98 turns left out');
    expect(strip!.words[0]).toContain('The ops of turns 2 to 99 of 100 are not drawn');
    expect(strip!.words[1]).toContain('the nodes of the others are here');
  });

  it('keeps its turns where nodes are missing too', () => {
    const document = unrolled(5, 20);
    document.nodes = document.nodes.filter((node: Loose) => node.op !== undefined || !node.id);
    const ids = new Set(document.nodes.map((node: Loose) => node.id));
    document.edges = document.edges.filter((edge: Loose) => ids.has(edge.from) && ids.has(edge.to));
    document.left_out.push({ table: 'nodes', count: 60, reason: 'folded' });
    const { tree, strips } = looked(document, 'backward');
    expect(strips.map(strip => strip.vertex.name)).toEqual(['3 turns left out']);
    expect(said(tree)).toEqual(expect.arrayContaining(['turn 1 of 5', 'turn 5 of 5']));
  });
});

describe('a long body', () => {
  it.each([
    [20, 30],
    [26, 200],
  ])('of %d ops, %d turns, is named by its function and lines, each turn a group', (lines, turns) => {
    const { tree } = looked(unrolled(turns, lines), 'backward');
    const title = `step lines 2–${lines + 1}`;
    const [loop, ...more] = tree.children.filter(child => typeof child !== 'number');
    expect(more).toEqual([]);
    expect([loop!.name, loop!.type].join(' ')).toBe(title);
    const members = membersOf(tree);
    const each = groupsOf(tree).filter(
      group => group.kind === 'lines' && members.get(group)!.length === lines,
    );
    expect(each).toHaveLength(loop!.times);
    for (const turn of each) expect([turn.name, turn.type].join(' ')).toBe(title);
  });

  it('of more than a glance is seen as a repetition, its turns in pieces', () => {
    const { tree } = looked(unrolled(9, 150), 'backward');
    const [loop] = tree.children.filter(
      child => typeof child !== 'number' && child.kind === 'repeat',
    ) as Group[];
    expect(loop!.times).toBe(9);
    expect(loop!.children).toHaveLength(9);
    for (const turn of loop!.children as Group[]) expect(turn.children.length).toBeLessThanOrEqual(60);
  });
});
