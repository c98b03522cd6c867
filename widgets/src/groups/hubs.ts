/**
 * A hub is a box that many lead to from far away: a mask that each layer reads. Edges to it would run across the
 * whole picture and say little, so far users get a port beside them instead: it says whose it is, and which of its uses.
 */
import { count } from '../document/format.js';
import type { Vertex } from '../model/subject.js';
import { listsBy, type Lists } from '../layout/csr.js';
import type { Box, SceneLink } from './scene.js';

/** From so many users on, if they are so many ranks away on the average; nearer than this keep their edge. */
const HUB = { users: 8, away: 4, near: 2 };

/** A picture of up to so many boxes stays so: it gets no more ports than that; a larger one no more than it has boxes. */
const GLANCE = 60;

/** Puts ports in place of far links; returns the hub of each port. `vertex` is one by its index. */
export function portsOfHubs(
  boxes: Box[],
  links: SceneLink[],
  vertex: (index: number) => Vertex,
): Map<number, number> {
  const standsFor = new Map<number, number>();
  const to = Int32Array.from(links, link => link.to);
  const into = listsBy(to, boxes.length);
  let most = 0;
  for (let b = 0; b < boxes.length; b++) most = Math.max(most, into.start[b + 1]! - into.start[b]!);
  if (most < HUB.users) return standsFor;
  const depth = depths(boxes.length, links);
  const away = (link: SceneLink): number => depth[link.to]! - depth[link.from]! - 1;
  const far: SceneLink[] = [];
  for (let hub = 0; hub < boxes.length; hub++) {
    const users = into.items.subarray(into.start[hub], into.start[hub + 1]);
    if (users.length < HUB.users || boxes[hub]!.open) continue;
    let sum = 0;
    for (const i of users) sum += away(links[i]!);
    if (sum < HUB.away * users.length) continue;
    for (const i of users) if (away(links[i]!) > HUB.near && links[i]!.count > 0) far.push(links[i]!);
  }
  let room = boxes.length <= GLANCE ? GLANCE - boxes.length : boxes.length;
  far.sort((a, b) => away(b) - away(a));
  const known = new Map<number, number>();
  const names = new Names(boxes, links, into, depth, far, vertex);
  const shown = boxes.length;
  for (const link of far) {
    const pair = link.from * shown + link.to;
    let port = known.get(pair);
    if (port === undefined) {
      if (room-- <= 0) continue;
      port = boxes.push(portBox(boxes[link.from]!, boxes[link.to]!, names, link)) - 1;
      known.set(pair, port);
      standsFor.set(port, link.to);
    }
    link.to = port;
  }
  return standsFor;
}

/** What ports are called: with what tells one hub from another, and one use of a hub from the others. */
class Names {
  /** How many hubs have a name in a module. */
  private readonly alike = new Map<string, number>();
  /** The users of each hub, from above. */
  private readonly users = new Map<string, number[]>();

  constructor(
    private readonly boxes: Box[],
    private readonly links: SceneLink[],
    private readonly into: Lists,
    private readonly depth: Int32Array,
    far: SceneLink[],
    private readonly vertex: (index: number) => Vertex,
  ) {
    for (const { to, end } of far) {
      if (this.users.has(`${to} ${end}`)) continue;
      this.users.set(`${to} ${end}`, this.usersOf(to, end));
      const name = this.fullName(to, this.endOf(end));
      this.alike.set(name, (this.alike.get(name) ?? 0) + 1);
    }
  }

  /** What is led to: the hub, or the one in a closed group that all links of a port lead to. */
  endOf(end: number): Vertex | undefined {
    return end < 0 ? undefined : this.vertex(end);
  }

  private usersOf(hub: number, end: number): number[] {
    const into = this.into.items.subarray(this.into.start[hub], this.into.start[hub + 1]);
    const users = new Set<number>();
    for (const i of into) if (this.links[i]!.end === end) users.add(this.links[i]!.from);
    return [...users].sort((a, b) => this.depth[a]! - this.depth[b]!);
  }

  name(hub: number, end: Vertex | undefined): string {
    const { group } = this.boxes[hub]!;
    return end?.name ?? `${group!.name} ${group!.type}`.trim();
  }

  private fullName(hub: number, end: Vertex | undefined): string {
    return `${this.name(hub, end)}\n${end?.module ?? ''}`;
  }

  /** Its number among the users of the hub. To be asked while the link still leads there. */
  use({ from, to, end }: SceneLink): { number: number; of: number } {
    const users = this.users.get(`${to} ${end}`)!;
    return { number: users.indexOf(from) + 1, of: users.length };
  }

  /** Where several are called the same in one module, their numbers tell them apart, as in the panel. */
  number(hub: number, end: Vertex | undefined): string {
    const { ref } = end ?? {};
    const alone = this.alike.get(this.fullName(hub, end)) === 1;
    return alone || !ref ? '' : `#${ref.id}`;
  }
}

function portBox(user: Box, hub: Box, names: Names, link: SceneLink): Box {
  const end = names.endOf(link.end);
  const use = names.use(link);
  const number = names.number(link.to, end);
  const vertex: Vertex = {
    key: `${hub.key}@${user.key}`,
    kind: 'port',
    name: names.name(link.to, end),
    note: `${number}${number && ' · '}use ${count(use.number)} of ${count(use.of)}`,
    family: end?.family,
    ref: end?.ref,
    module: end?.module,
    repeat: end?.repeat,
    site: end?.site,
    time: end?.time ?? 0,
    shape: end?.shape ?? '',
    hooks: 0,
    savedBytes: 0,
    freed: false,
    unknown: false,
    finding: undefined,
    use,
  };
  return { key: vertex.key, vertex, group: undefined, summary: undefined, open: false, parent: user.parent };
}

/** Longest paths from the top, over the boxes as if there were no frames. */
function depths(count: number, links: SceneLink[]): Int32Array {
  const from = Int32Array.from(links, link => link.from);
  const out = listsBy(from, count);
  const waiting = new Int32Array(count);
  for (const { to } of links) waiting[to]!++;
  const depth = new Int32Array(count);
  const queue = new Int32Array(count);
  let end = 0;
  for (let b = 0; b < count; b++) if (waiting[b] === 0) queue[end++] = b;
  for (let i = 0; i < end; i++) {
    const b = queue[i]!;
    for (let k = out.start[b]!; k < out.start[b + 1]!; k++) {
      const { to } = links[out.items[k]!]!;
      depth[to] = Math.max(depth[to]!, depth[b]! + 1);
      if (--waiting[to]! === 0) queue[end++] = to;
    }
  }
  return depth;
}
