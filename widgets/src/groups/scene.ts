/** What is visible with some groups open and others closed: boxes, and the links between them. */
import * as format from '../document/format.js';
import { numberPorts, type Link } from '../model/links.js';
import type { Severity, Subject, Vertex } from '../model/subject.js';
import type { Strip } from '../model/torn.js';
import { portsOfHubs } from './hubs.js';
import { membersIn } from './members.js';
import { partnerBoxes } from './partners.js';
import { placeStrips } from './strips.js';
import type { Group } from './tree.js';

export interface Summary {
  /** All but outputs; of these, ops, and tensors that no op made. */
  nodes: number;
  ops: number;
  inputs: number;
  parameters: number;
  savedBytes: number;
  hooks: number;
  freed: boolean;
  /** Of some nodes it is not known any more what they saved: `savedBytes` is the least. */
  unknown: boolean;
  finding: Severity | undefined;
}

export interface Box {
  key: string;
  vertex: Vertex | undefined;
  group: Group | undefined;
  summary: Summary | undefined;
  /** An open group is the frame around its members. */
  open: boolean;
  /** Index of the open group that holds it; -1 at the outside. */
  parent: number;
}

/** A link between boxes; its words are those of the graph's links behind it where they agree. */
export interface SceneLink extends Link {
  /** Links of the graph that this one stands for; 0: it leads to or from what was left out. */
  count: number;
  /** The vertex that all of these lead to; -1: there are several. */
  end: number;
  /** A gradient flows along it, from its lower end to its upper one. */
  up: boolean;
}

export interface Scene {
  boxes: Box[];
  links: SceneLink[];
  /** Box that shows a vertex: its own, or the closed group's that holds it. */
  boxOf: Int32Array;
  /** The box that another stands for: of a port, the hub's. Absent: itself. */
  standsFor: Map<number, number>;
  /** Boxes that stand side by side, both ways: an op and its node. */
  partners: Map<number, number>;
  direction: Subject['direction'];
}

/** Of what there is some: `12 ops`, `14 nodes`; `3 inputs` where that is all. */
function sidesText({ nodes, ops, inputs }: Summary): string[] {
  const graph = nodes - ops - inputs;
  if (!ops && !graph) return [format.counted(inputs, 'input')];
  return [ops ? format.counted(ops, 'op') : '', graph ? format.counted(graph, 'node') : ''].filter(Boolean);
}

/** Of outputs there is nothing to say but how many they are. */
function nodesText({ nodes }: Summary): string[] {
  return nodes ? [format.counted(nodes, 'node')] : [];
}

/** `192 nodes · 84 parameters · 17 MB saved · 2 hooks` */
export function summaryText(summary: Summary, direction: Subject['direction'], whole = true): string {
  const parts = direction === 'backward' ? nodesText(summary) : sidesText(summary);
  if (whole && summary.parameters && direction === 'backward')
    parts.push(format.counted(summary.parameters, 'parameter'));
  if (summary.savedBytes) parts.push(`${format.atLeast(summary)} ${summary.freed ? 'freed' : 'saved'}`);
  if (whole && summary.hooks) parts.push(format.counted(summary.hooks, 'hook'));
  return parts.join(' · ');
}

export function buildScene(
  subject: Subject,
  root: Group,
  open: ReadonlySet<string>,
  strips: Strip[] = [],
): Scene {
  const members = membersIn(root);
  const boxes: Box[] = [];
  const boxOf = new Int32Array(subject.vertices.length).fill(-1);
  const queue: { group: Group; parent: number }[] = [{ group: root, parent: -1 }];
  for (let i = 0; i < queue.length; i++) {
    const { group, parent } = queue[i]!;
    for (const child of group.children) {
      if (typeof child === 'number') {
        boxOf[child] = boxes.length;
        const vertex = subject.vertices.at(child);
        boxes.push({ key: vertex.key, vertex, group: undefined, summary: undefined, open: false, parent });
        continue;
      }
      const isOpen = open.has(child.key);
      if (isOpen) queue.push({ group: child, parent: boxes.length });
      else members.of(child).forEach(vertex => (boxOf[vertex] = boxes.length));
      const summary = members.summary(child, subject);
      boxes.push({ key: child.key, vertex: undefined, group: child, summary, open: isOpen, parent });
    }
  }
  const links = visibleLinks(subject, boxes, boxOf);
  placeStrips(strips, boxes, links, boxOf);
  const standsFor = portsOfHubs(boxes, links, end => subject.vertices.at(end));
  numberPorts(boxes.length, links);
  const partners = partnerBoxes(subject, boxes, boxOf);
  return { boxes, links, boxOf, standsFor, partners, direction: subject.direction };
}

/** Links between different boxes in the order of their ports: between nodes as they are, to or from groups once a pair. */
function visibleLinks({ links: given, sides }: Subject, boxes: Box[], boxOf: Int32Array): SceneLink[] {
  const links: SceneLink[] = [];
  const pairs = new Map<number, SceneLink>();
  for (let link = 0; link < given.length; link++) {
    const up = sides?.up[link] === 1;
    const [from, to] = [boxOf[given.from[link]!]!, boxOf[given.to[link]!]!];
    if (from === to) continue;
    const [name, shape] = [given.name(link), given.shape(link)];
    const single = boxes[from]!.vertex && boxes[to]!.vertex;
    const pair = 2 * (from * boxes.length + to) + Number(up);
    const before = single ? undefined : pairs.get(pair);
    if (before) {
      before.count++;
      if (before.end !== given.to[link]) before.end = -1;
      if (before.shape !== shape) before.shape = '';
      if (before.name !== name) before.name = '';
      continue;
    }
    const made = { from, to, port: 0, ports: 1, name, shape, count: 1, end: given.to[link]!, up };
    links.push(made);
    if (!single) pairs.set(pair, made);
  }
  return links;
}
