import { describe, expect, it } from 'vitest';
import { portsOfHubs } from '../../../widgets/src/groups/hubs.js';
import type { Box, SceneLink } from '../../../widgets/src/groups/scene.js';
import { group } from '../../../widgets/src/groups/tree.js';
import { vertex, type Vertex } from '../../../widgets/src/model/subject.js';

interface Picture {
  boxes: Box[];
  links: SceneLink[];
  vertex: (index: number) => Vertex;
}

function chainWithHub(length: number, every: number): Picture {
  const box = (name: string): Box => ({
    key: name,
    vertex: vertex({ key: name, kind: 'node', name }),
    group: undefined,
    summary: undefined,
    open: false,
    parent: -1,
  });
  const link = (from: number, to: number): SceneLink => ({ from, to, port: 0, ports: 1, name: '', shape: '', count: 1, end: to, up: false });
  const boxes = [...Array.from({ length }, (_, i) => box(`n${i}`)), box('mask')];
  const links = Array.from({ length: length - 1 }, (_, i) => link(i, i + 1));
  for (let i = 0; i < length; i += every) links.push(link(i, length));
  return { boxes, links, vertex: index => boxes[index]!.vertex! };
} // prettier-ignore

describe('a hub', () => {
  it('is a port beside each far user, and an edge to those that are near', () => {
    const { boxes, links, vertex: at } = chainWithHub(100, 5);
    const before = boxes.length;
    const hubs = portsOfHubs(boxes, links, at);
    expect(hubs.size).toBe(19);
    expect(new Set(hubs.values())).toEqual(new Set([100]));
    for (const port of hubs.keys()) expect(boxes[port]!.vertex).toMatchObject({ kind: 'port', name: 'mask' });
    expect(links.filter(link => link.to === 100)).toHaveLength(1);
    expect(links.filter(link => link.to >= before)).toHaveLength(19);
  });

  it('is none where few lead to it, or all are near', () => {
    const few = chainWithHub(30, 6);
    expect(portsOfHubs(few.boxes, few.links, few.vertex).size).toBe(0);
    const near = chainWithHub(8, 1);
    expect(portsOfHubs(near.boxes, near.links, near.vertex).size).toBe(0);
  });

  it('adds no more boxes than are read at a glance', () => {
    const { boxes, links, vertex: at } = chainWithHub(50, 2);
    portsOfHubs(boxes, links, at);
    expect(boxes).toHaveLength(60);
  });

  it('in a closed group is called by its own name, and by the group where links lead to several in it', () => {
    const named = (ends: (i: number) => number): Set<string> => {
      const { boxes, links } = chainWithHub(100, 5);
      boxes[100] = { ...boxes[100]!, vertex: undefined, group: group('module', 'g', 'model.masks', 'Masks') };
      for (const [i, link] of links.entries()) if (link.to === 100) link.end = ends(i);
      const inside = (index: number): Vertex =>
        vertex({ key: `v${index}`, kind: 'node', name: `mask ${index}`, shape: '[4]' });
      const hubs = portsOfHubs(boxes, links, inside);
      return new Set([...hubs.keys()].map(port => boxes[port]!.vertex!.name));
    };
    expect(named(() => 7)).toEqual(new Set(['mask 7']));
    expect(named(() => -1)).toEqual(new Set(['model.masks Masks']));
  });

  it('has numbered uses, the uppermost first', () => {
    const { boxes, links, vertex: at } = chainWithHub(100, 5);
    links.reverse();
    const before = boxes.length;
    const ports = [...portsOfHubs(boxes, links, at).keys()];
    const user = (port: number): number => links.find(({ to }) => to === port)!.from;
    ports.sort((a, b) => user(a) - user(b));
    expect(ports[0]).toBeGreaterThanOrEqual(before);
    const notes = ports.map(port => boxes[port]!.vertex!.note);
    // The twentieth user is near: it has the edge.
    expect(notes).toEqual(ports.map((_, i) => `use ${i + 1} of 20`));
    expect(boxes[ports[0]!]!.vertex!.use).toEqual({ number: 1, of: 20 });
  });

  it('says its number where another of its name is in its module', () => {
    const { boxes, links } = chainWithHub(100, 5);
    boxes.push({ ...boxes[100]!, key: 'second' });
    for (let i = 0; i < 100; i += 5) links.push({ ...links[99]!, from: i, to: 101, end: 101 });
    const named =
      (module: (index: number) => string) =>
      (index: number): Vertex =>
        vertex({
          key: `v${index}`,
          kind: 'node',
          name: 'mask',
          module: module(index),
          ref: { table: 'nodes', id: index },
        });
    const notes = (module: (index: number) => string): Set<string> => {
      const [all, some] = [[...boxes], links.map(link => ({ ...link }))];
      portsOfHubs(all, some, named(module));
      return new Set(all.flatMap(box => (box.vertex?.kind === 'port' ? [box.vertex.note] : [])));
    };
    expect(notes(() => 'm')).toContain('#101 · use 1 of 20');
    expect(notes(index => `m.${index}`)).toContain('use 1 of 20');
  });
});
