import { describe, expect, it } from 'vitest';
import { portsOfHubs } from '../../../widgets/src/groups/hubs.js';
import type { Box, SceneLink } from '../../../widgets/src/groups/scene.js';
import { vertex } from '../../../widgets/src/model/subject.js';

function chainWithHub(length: number, every: number): { boxes: Box[]; links: SceneLink[] } {
  const box = (name: string): Box => ({
    key: name,
    vertex: vertex({ key: name, kind: 'node', name }),
    group: undefined,
    summary: undefined,
    open: false,
    parent: -1,
  });
  const link = (from: number, to: number): SceneLink => ({ from, to, port: 0, ports: 1, name: '', shape: '', count: 1, up: false });
  const boxes = [...Array.from({ length }, (_, i) => box(`n${i}`)), box('mask')];
  const links = Array.from({ length: length - 1 }, (_, i) => link(i, i + 1));
  for (let i = 0; i < length; i += every) links.push(link(i, length));
  return { boxes, links };
} // prettier-ignore

describe('a hub', () => {
  it('is a port beside each far user, and an edge to those that are near', () => {
    const { boxes, links } = chainWithHub(100, 5);
    const before = boxes.length;
    const hubs = portsOfHubs(boxes, links);
    expect(hubs.size).toBe(19);
    expect(new Set(hubs.values())).toEqual(new Set([100]));
    for (const port of hubs.keys()) expect(boxes[port]!.vertex).toMatchObject({ kind: 'port', name: 'mask' });
    expect(links.filter(link => link.to === 100)).toHaveLength(1);
    expect(links.filter(link => link.to >= before)).toHaveLength(19);
  });

  it('is none where few lead to it, or all are near', () => {
    const few = chainWithHub(30, 6);
    expect(portsOfHubs(few.boxes, few.links).size).toBe(0);
    const near = chainWithHub(8, 1);
    expect(portsOfHubs(near.boxes, near.links).size).toBe(0);
  });

  it('adds no more boxes than are read at a glance', () => {
    const { boxes, links } = chainWithHub(50, 2);
    portsOfHubs(boxes, links);
    expect(boxes).toHaveLength(60);
  });
});
