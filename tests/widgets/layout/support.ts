/** Graphs to lay out, and what must hold of every layout. */
import type { Graph } from '../../../widgets/src/layout/graph.js';
import type { LayoutInput, LayoutResult } from '../../../widgets/src/layout/types.js';
import { random } from '../../bench/graphs/random.js';

export { random };

export interface Spec {
  boxes: number;
  links: [number, number][];
  /** Frame of each box that has one. Frames must come first. */
  inside?: Record<number, number>;
  frames?: number[];
  loose?: number[];
  size?: (box: number) => [number, number];
}

/** Ports of each link: its place among those that leave its box. */
function numbered(links: [number, number][]): { from: number; to: number; port: number; ports: number }[] {
  const leaving = new Map<number, number>();
  const list = links.map(([from, to]) => {
    const port = leaving.get(from) ?? 0;
    leaving.set(from, port + 1);
    return { from, to, port, ports: 1 };
  });
  for (const link of list) link.ports = leaving.get(link.from)!;
  return list;
}

export function input({
  boxes,
  links,
  inside = {},
  frames = [],
  loose = [],
  size = () => [100, 26],
}: Spec): LayoutInput {
  const list = Array.from({ length: boxes }, (_, i) => i);
  const isFrame = new Set(frames);
  return {
    width: list.map(box => (isFrame.has(box) ? 0 : size(box)[0])),
    height: list.map(box => (isFrame.has(box) ? 0 : size(box)[1])),
    frame: list.map(box => isFrame.has(box)),
    lead: list.map(box => (isFrame.has(box) ? 80 : 0)),
    trail: list.map(box => (isFrame.has(box) ? 90 : 0)),
    loose: list.map(box => loose.includes(box)),
    parent: list.map(box => inside[box] ?? -1),
    links: numbered(links),
  };
}

/** A graph without frames. */
export function flat(boxes: number, links: [number, number][]): Graph {
  const list = numbered(links);
  return {
    boxes,
    count: boxes,
    side: new Uint8Array(boxes),
    from: Int32Array.from(list, link => link.from),
    to: Int32Array.from(list, link => link.to),
    leaveAt: Float64Array.from(list, ({ port, ports }) => (port + 0.5) / ports),
    topOrder: new Int32Array(),
    bottomOrder: new Int32Array(),
  };
}

const sizes = (box: number): [number, number] => [60 + ((box * 37) % 140), [26, 34, 39, 22][box % 4]!];

export function chain(boxes: number, size?: Spec['size']): Spec {
  const links = Array.from({ length: boxes - 1 }, (_, i): [number, number] => [i, i + 1]);
  return { boxes, links, ...(size ? { size } : {}) };
}

export function randomGraph(seed: number, boxes: number, extra: number, reach = 20): Spec {
  const next = random(seed);
  const links: [number, number][] = [];
  for (let box = 1; box < boxes; box++) links.push([Math.max(0, box - 1 - next(6)), box]);
  for (let i = 0; i < extra; i++) {
    const from = next(boxes - 1);
    links.push([from, from + 1 + next(Math.min(reach, boxes - from - 1))]);
  }
  return { boxes, links, size: sizes };
}

/** Frames in frames, as groups make them: the boxes of a frame are a stretch of one order, and so is each frame. */
export function randomNest(seed: number, boxes: number, frames: number, extra: number): Spec {
  const next = random(seed);
  /** Stretches [first, last) of the boxes, the outer ones first. */
  const stretches: [number, number][] = [];
  for (let tries = 0; stretches.length < frames && tries < 50 * frames; tries++) {
    const first = next(boxes - 1);
    const last = Math.min(boxes, first + 2 + next(Math.ceil(boxes / 3)));
    const crosses = stretches.some(
      ([a, b]) => (a < first && first < b && b < last) || (first < a && a < last && last < b),
    );
    const same = stretches.some(([a, b]) => a === first && b === last);
    if (!crosses && !same) stretches.push([first, last]);
  }
  stretches.sort((p, q) => q[1] - q[0] - (p[1] - p[0]));
  const count = stretches.length;
  const holder = (first: number, last: number, below: number): number => {
    let found = -1;
    for (let i = 0; i < below; i++) if (stretches[i]![0] <= first && last <= stretches[i]![1]) found = i;
    return found;
  };
  const inside: Record<number, number> = {};
  stretches.forEach(([first, last], i) => {
    const outer = holder(first, last, i);
    if (outer >= 0) inside[i] = outer;
  });
  for (let box = 0; box < boxes; box++) {
    const outer = holder(box, box + 1, count);
    if (outer >= 0) inside[count + box] = outer;
  }
  const { links } = randomGraph(seed + 1, boxes, extra);
  return {
    boxes: count + boxes,
    frames: stretches.map((_, i) => i),
    inside,
    links: links.map(([from, to]) => [from + count, to + count]),
    size: sizes,
  };
}

export function edges(result: LayoutResult, box: number) {
  return {
    left: result.x[box]! - result.width[box]! / 2,
    right: result.x[box]! + result.width[box]! / 2,
    top: result.y[box]! - result.height[box]! / 2,
    bottom: result.y[box]! + result.height[box]! / 2,
  };
}

type Rect = ReturnType<typeof edges>;

/** Points along a route, close to one another: vertical parts, curves between those that run down, lines at turns. */
export function pointsAlong(route: Float64Array): [number, number][] {
  const points: [number, number][] = [];
  for (let i = 0; i < route.length; i += 3) {
    const [x, from, to] = [route[i]!, route[i + 1]!, route[i + 2]!];
    if (i > 0) {
      const [x0, y0] = [route[i - 3]!, route[i - 1]!];
      const straight = Math.abs(from - y0) < 0.01;
      for (let step = 1; step < 16; step++) {
        const t = step / 16;
        const u = 1 - t;
        const pull = (from - y0) * 0.55;
        const y = y0 * u ** 3 + 3 * u * u * t * (y0 + pull) + 3 * u * t * t * (from - pull) + from * t ** 3;
        points.push(
          straight ? [x0 * u + x * t, from] : [x0 * u * u * (1 + 2 * t) + x * t * t * (1 + 2 * u), y],
        );
      }
    }
    const steps = Math.max(1, Math.ceil(Math.abs(to - from) / 8));
    for (let step = 0; step <= steps; step++) points.push([x, from + ((to - from) * step) / steps]);
  }
  return points;
}

/** Boxes by squares of the plane. */
function grid(rects: Rect[]): (x: number, y: number) => number[] {
  const SIDE = 200;
  const cells = new Map<string, number[]>();
  rects.forEach((rect, box) => {
    for (let i = Math.floor(rect.left / SIDE); i <= Math.floor(rect.right / SIDE); i++) {
      for (let j = Math.floor(rect.top / SIDE); j <= Math.floor(rect.bottom / SIDE); j++) {
        const key = `${i},${j}`;
        const list = cells.get(key);
        if (list) list.push(box);
        else cells.set(key, [box]);
      }
    }
  });
  return (x, y) => cells.get(`${Math.floor(x / SIDE)},${Math.floor(y / SIDE)}`) ?? [];
}

/** What is wrong with a layout, in words; nothing, if all is well. */
export function faults(given: LayoutInput, result: LayoutResult): string[] {
  const found: string[] = [];
  const count = given.width.length;
  const rects = Array.from({ length: count }, (_, box) => edges(result, box));
  const at = grid(rects);
  for (const array of [result.x, result.y, result.width, result.height, result.way])
    if (!array.every(Number.isFinite)) found.push('a number that is none');
  for (let a = 0; a < count; a++) {
    const p = rects[a]!;
    if (
      p.left < -1e-6 ||
      p.top < -1e-6 ||
      p.right > result.totalWidth + 1e-6 ||
      p.bottom > result.totalHeight + 1e-6
    )
      found.push(`box ${a} is outside of the picture`);
    const outer = given.parent[a]! < 0 ? undefined : rects[given.parent[a]!]!;
    if (
      outer &&
      (p.left < outer.left + 20 ||
        p.right > outer.right - 20 ||
        p.top < outer.top + 28 ||
        p.bottom > outer.bottom - 14)
    )
      found.push(`box ${a} is not within its frame ${given.parent[a]}`);
  }
  // Neighbours from left to right: what is not far apart is compared.
  const byLeft = rects.map((_, box) => box).sort((a, b) => rects[a]!.left - rects[b]!.left);
  const parents = new Map<number, number[]>();
  for (const box of byLeft) {
    const row = parents.get(given.parent[box]!);
    if (row) row.push(box);
    else parents.set(given.parent[box]!, [box]);
  }
  for (const row of parents.values()) {
    for (let i = 0; i < row.length; i++) {
      const p = rects[row[i]!]!;
      for (let k = i + 1; k < row.length; k++) {
        const q = rects[row[k]!]!;
        if (q.left >= p.right + 10) break;
        if (p.bottom + 10 > q.top && q.bottom + 10 > p.top)
          found.push(`boxes ${row[i]} and ${row[k]} overlap`);
      }
    }
  }
  given.links.forEach((link, i) => {
    if (link.from === link.to) return;
    found.push(...routeFaults(given, rects, at, link, result.routes[i]!).map(text => `link ${i}: ${text}`));
  });
  return found;
}

function routeFaults(
  given: LayoutInput,
  rects: Rect[],
  at: (x: number, y: number) => number[],
  link: { from: number; to: number },
  route: Float64Array,
): string[] {
  const found: string[] = [];
  if (route.length < 6) return ['is not drawn'];
  const [from, to] = [rects[link.from]!, rects[link.to]!];
  const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.01;
  if (!near(route[1]!, from.bottom) || route[0]! < from.left || route[0]! > from.right)
    found.push('does not start at the bottom of its box');
  if (!near(route[route.length - 1]!, to.top) || route[route.length - 3]! < to.left || route[route.length - 3]! > to.right)
    found.push('does not end on top of its box'); // prettier-ignore
  const down = (i: number): boolean => route[i + 2]! >= route[i + 1]! - 1e-6;
  if (!down(0) || !down(route.length - 3)) found.push('starts or ends upwards');
  for (let i = 3; i < route.length; i += 3) {
    if (down(i) !== down(i - 3) && !near(route[i + 1]!, route[i - 1]!)) found.push('turns at two heights');
    if (down(i) && down(i - 3) && route[i + 1]! < route[i - 1]! - 1e-6) found.push('jumps up');
  }
  const around = new Set([link.from, link.to]);
  for (const end of [link.from, link.to])
    for (let box = given.parent[end]!; box >= 0; box = given.parent[box]!) around.add(box);
  const through = new Set<number>();
  for (const [x, y] of pointsAlong(route)) {
    for (const box of at(x, y)) {
      const rect = rects[box]!;
      if (around.has(box) || through.has(box)) continue;
      if (x > rect.left + 1 && x < rect.right - 1 && y > rect.top + 1 && y < rect.bottom - 1) {
        through.add(box);
        found.push(`passes through box ${box}`);
      }
    }
  }
  return found;
}
