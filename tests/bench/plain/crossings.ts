/**
 * Edge crossings of our drawings and of dot's, on the same graphs: without groups, shared leaves drawn once a use.
 * Both are counted in the same way, from the curves as drawn, as points where two edges without a common end cross.
 */
import { spawnSync } from 'node:child_process';
import { parse } from '../../../widgets/src/document/parse.js';
import { buildScene } from '../../../widgets/src/groups/scene.js';
import { group } from '../../../widgets/src/groups/tree.js';
import { contentsOf, layoutInput } from '../../../widgets/src/draw/picture.js';
import { layout } from '../../../widgets/src/layout/layout.js';
import type { LayoutInput } from '../../../widgets/src/layout/types.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { pointsAlong } from '../../widgets/layout/support.js';
import { SMALL } from '../graphs/index.js';
import { measure } from './steps.js';

type Line = [x: number, y: number][];

interface Drawn {
  ends: [from: number, to: number];
  line: Line;
}

export function crossingsTable(): void {
  if (spawnSync('dot', ['-V']).error)
    return console.log('crossings: dot is not installed (apt-get install graphviz)');
  console.log('| graph | nodes | edges | ours | dot |');
  console.log('|---|---|---|---|---|');
  let [ours, theirs] = [0, 0];
  for (const [name, make] of Object.entries(SMALL)) {
    const given = flatInput(make());
    const routes = layout(given).routes;
    const a = crossings(given.links.map(({ from, to }, i) => ({ ends: [from, to], line: pointsAlong(routes[i]!) })));
    const b = crossings(dotLines(given));
    ours += a;
    theirs += b;
    console.log(`| ${name} | ${given.width.length} | ${given.links.length} | ${a} | ${b} |`);
  }
  console.log(`| sum | | | ${ours} | ${theirs} |`);
  console.log(`\ncrossings: ${(ours / theirs).toFixed(2)} × dot's (goal ≤ 1.1)`);
} // prettier-ignore

function flatInput(document: Record<string, unknown>): LayoutInput {
  const subject = backwardSubject(new GraphModel(parse(document).document));
  const root = group('root', 'root', '');
  root.children = [...subject.vertices.all.keys()];
  const scene = buildScene(subject, root, new Set());
  // Hubs would be ports: here both draw all edges.
  const links = subject.links.all.map(({ from, to, port, ports }) => ({ from, to, port, ports }));
  const boxes = subject.vertices.length;
  const cut = { ...scene, boxes: scene.boxes.slice(0, boxes) };
  return { ...layoutInput(cut, contentsOf(cut, measure)), links };
}

function dotLines({ width, height, links }: LayoutInput): Drawn[] {
  const nodes = width.map((w, i) => `${i} [width=${w / 72}, height=${height[i]! / 72}];`);
  const edges = links.map(({ from, to }, i) => `${from} -> ${to} [id=e${i}];`);
  const text = `digraph { node [shape=box, fixedsize=true, label=""]; edge [arrowhead=none];\n${nodes.join('\n')}\n${edges.join('\n')}\n}`;
  const { stdout } = spawnSync('dot', ['-Tjson0'], { input: text, maxBuffer: 1 << 28, encoding: 'utf8' });
  const drawn = JSON.parse(stdout) as { edges?: { tail: number; head: number; pos: string }[]; objects?: { name: string }[] };
  return (drawn.edges ?? []).map(({ tail, head, pos }) => {
    const points = pos
      .replace(/[se],\S+ /g, '')
      .split(' ')
      .map(point => point.split(',').map(Number) as [number, number]);
    const name = (index: number): number => Number(drawn.objects![index]!.name);
    return { ends: [name(tail), name(head)], line: curve(points) };
  });
} // prettier-ignore

/** Points along a chain of cubic Béziers. */
function curve(points: Line): Line {
  const line: Line = [points[0]!];
  for (let i = 0; i + 3 < points.length; i += 3) {
    const [a, b, c, d] = points.slice(i, i + 4) as [Line[0], Line[0], Line[0], Line[0]];
    for (let step = 1; step <= 16; step++) {
      const t = step / 16;
      const u = 1 - t;
      const at = (k: 0 | 1): number => a![k] * u ** 3 + 3 * b![k] * u * u * t + 3 * c![k] * u * t * t + d![k] * t ** 3;
      line.push([at(0), at(1)]);
    }
  }
  return line;
} // prettier-ignore

const CELL = 60;

function crossings(drawn: Drawn[]): number {
  type Segment = { edge: number; a: Line[0]; b: Line[0] };
  const cells = new Map<string, Segment[]>();
  drawn.forEach(({ line }, edge) => {
    for (let i = 1; i < line.length; i++) {
      const [a, b] = [line[i - 1]!, line[i]!];
      const [x0, x1] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])].map(x => Math.floor(x / CELL));
      const [y0, y1] = [Math.min(a[1], b[1]), Math.max(a[1], b[1])].map(y => Math.floor(y / CELL));
      for (let x = x0!; x <= x1!; x++) {
        for (let y = y0!; y <= y1!; y++) {
          const key = `${x},${y}`;
          const list = cells.get(key);
          if (list) list.push({ edge, a, b });
          else cells.set(key, [{ edge, a, b }]);
        }
      }
    }
  });
  // A point where two lines meet may lie on two segments of one: it is counted once.
  const found = new Set<string>();
  for (const segments of cells.values()) {
    for (let i = 0; i < segments.length; i++) {
      for (let k = 0; k < i; k++) {
        const [p, q] = [segments[i]!, segments[k]!];
        if (p.edge === q.edge || haveCommonEnd(drawn[p.edge]!.ends, drawn[q.edge]!.ends)) continue;
        const point = meeting(p.a, p.b, q.a, q.b);
        if (point) found.add(`${Math.min(p.edge, q.edge)} ${Math.max(p.edge, q.edge)} ${point.map(at => Math.round(at / 4)).join()}`);
      }
    }
  }
  return found.size;
} // prettier-ignore

function haveCommonEnd(a: [number, number], b: [number, number]): boolean {
  return a[0] === b[0] || a[1] === b[1] || a[0] === b[1] || a[1] === b[0];
}

function meeting(a: Line[0], b: Line[0], c: Line[0], d: Line[0]): [number, number] | undefined {
  const [rx, ry, sx, sy] = [b![0] - a![0], b![1] - a![1], d![0] - c![0], d![1] - c![1]];
  const cross = rx * sy - ry * sx;
  if (Math.abs(cross) < 1e-9) return undefined;
  const t = ((c![0] - a![0]) * sy - (c![1] - a![1]) * sx) / cross;
  const u = ((c![0] - a![0]) * ry - (c![1] - a![1]) * rx) / cross;
  return t >= 0 && t <= 1 && u >= 0 && u <= 1 ? [a![0] + t * rx, a![1] + t * ry] : undefined;
}
