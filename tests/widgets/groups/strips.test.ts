import { describe, expect, it } from 'vitest';
import { parse } from '../../../widgets/src/document/parse.js';
import { initiallyOpen } from '../../../widgets/src/groups/open.js';
import { buildScene, type Scene } from '../../../widgets/src/groups/scene.js';
import { buildTree, group, groupsOf } from '../../../widgets/src/groups/tree.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { Links } from '../../../widgets/src/model/links.js';
import { vertex, type Subject } from '../../../widgets/src/model/subject.js';
import { Vertices } from '../../../widgets/src/model/vertices.js';
import { stripsOf, type Strip } from '../../../widgets/src/model/torn.js';
import { golden } from '../support/goldens.js';

function digits(open?: string[]): Scene {
  const model = new GraphModel(parse(golden('digits')).document);
  const subject = backwardSubject(model);
  const tree = buildTree(subject, model);
  const strips = stripsOf(subject, model);
  return buildScene(subject, tree, open ? new Set(open) : initiallyOpen(tree, true), strips);
}

const around = (scene: Scene): string[][] => {
  const at = scene.boxes.findIndex(box => box.vertex?.kind === 'torn');
  const name = (box: number): string => scene.boxes[box]!.group?.name ?? scene.boxes[box]!.vertex!.name;
  return [
    scene.links.filter(link => link.to === at).map(link => name(link.from)),
    scene.links.filter(link => link.from === at).map(link => name(link.to)),
  ];
};

describe('strips between the boxes', () => {
  it('stand between the turns, whether these are open or closed', () => {
    const between = [['turn 500 of 500'], ['turn 1 of 500']];
    expect(around(digits())).toEqual(between);
    expect(around(digits([]))).toEqual(between);
  });

  it('begin with the last turn open and the others closed', () => {
    const open = digits().boxes.filter(box => box.group?.kind === 'turn' && box.open);
    expect(open.map(box => box.group!.name)).toEqual(['turn 500 of 500']);
  });

  const named = (...names: string[]): Subject => ({
    direction: 'backward',
    vertices: Vertices.of(names.map(name => vertex({ key: name, kind: 'node', name }))),
    links: Links.of([]),
  });
  const strip: Strip = {
    vertex: vertex({ key: 'torn:t', kind: 'torn', name: '3 turns left out' }),
    above: [0],
    below: [1],
    words: [],
  };

  it('stay away where a closed group holds both sides', () => {
    const subject = named('a', 'b');
    const root = group('root', 'root', '');
    const both = group('repeat', 'both', 'both');
    both.children = [0, 1];
    both.parent = root;
    root.children = [both];
    expect(groupsOf(root)).toEqual([both]);
    expect(buildScene(subject, root, new Set(), [strip]).boxes).toHaveLength(1);
    const opened = buildScene(subject, root, new Set(['both']), [strip]);
    expect(opened.boxes[opened.boxes.length - 1]).toMatchObject({ key: 'torn:t', parent: 0 });
  });

  it('close no circle: where a link leads the other way, they stay away', () => {
    const subject = named('a', 'b', 'c');
    const root = group('root', 'root', '');
    root.children = [0, 1, 2];
    const link = (from: number, to: number) => ({ from, to, name: '', shape: '' });
    subject.links = Links.of([link(1, 2), link(2, 0)]);
    expect(buildScene(subject, root, new Set(), [strip]).boxes).toHaveLength(3);
    subject.links = Links.of([link(0, 2), link(2, 1)]);
    const scene = buildScene(subject, root, new Set(), [strip]);
    expect(scene.boxes).toHaveLength(4);
    expect(scene.links.filter(each => each.from === 0).map(each => [each.port, each.ports])).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });
});
