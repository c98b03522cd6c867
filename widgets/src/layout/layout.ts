/**
 * Lays out boxes and nested frames. A frame's inside is a graph of its own, laid out first; outside it is one tall
 * box. An edge that crosses a frame's border is cut there: inside it ends in a pinned box at the top or bottom,
 * outside it starts at just that place. Frames are worked through from the innermost out, without recursion.
 */
import { layoutFlat, type FlatResult } from './flat.js';
import { SPACE, type Flat, type LayoutInput, type LayoutResult } from './types.js';

/** One frame's graph, or (frame -1) the outermost. */
class Level {
  readonly boxes: number[] = [];
  readonly graph: Flat = { width: [], height: [], links: [], pin: [] };
  /** Which piece of which link each flat link is. */
  readonly pieces: { link: number; order: number }[] = [];
  result: FlatResult | undefined;

  constructor(readonly frame: number) {}

  addBox(box: number, width: number, height: number): void {
    this.boxes.push(box);
    this.graph.width.push(width);
    this.graph.height.push(height);
    this.graph.pin.push(undefined);
  }

  /** A pinned end of an edge that crosses the border; returns its index in the flat graph. */
  addEnd(pin: 'top' | 'bottom'): number {
    this.graph.width.push(0);
    this.graph.height.push(0);
    return this.graph.pin.push(pin) - 1;
  }
}

/** An edge's pieces from the inside out and in again: at each level, from which box to which, or the border. */
interface Piece {
  level: number;
  from: number;
  to: number;
}

export function layout(input: LayoutInput): LayoutResult {
  return new Nest(input).run();
}

class Nest {
  private readonly levels = new Map<number, Level>();
  private readonly local: Int32Array;
  private readonly depth: Int32Array;
  private readonly pieces: Piece[][];
  private readonly result: LayoutResult;
  /** Where a link crosses a frame's border, from the frame's centre: `${frame}/${link}`. */
  private readonly ports = new Map<string, number>();

  constructor(private readonly input: LayoutInput) {
    const count = input.width.length;
    this.local = new Int32Array(count);
    this.depth = new Int32Array(count);
    for (let v = 0; v < count; v++)
      this.depth[v] = input.parent[v]! < 0 ? 0 : this.depth[input.parent[v]!]! + 1;
    this.result = {
      x: new Float64Array(count),
      y: new Float64Array(count),
      width: Float64Array.from(input.width),
      height: Float64Array.from(input.height),
      routes: [],
      totalWidth: 0,
      totalHeight: 0,
    };
    this.pieces = input.links.map(link => this.cut(link.from, link.to));
  }

  /** From `from` out to the frame that holds both, and in again to `to`. */
  private cut(from: number, to: number): Piece[] {
    const { parent } = this.input;
    const out: Piece[] = [];
    const into: Piece[] = [];
    let [a, b] = [from, to];
    const deep = (v: number): number => this.depth[v]!;
    while (parent[a] !== parent[b]) {
      if (deep(a) >= deep(b)) {
        out.push({ level: parent[a]!, from: a, to: BORDER });
        a = parent[a]!;
      } else {
        into.unshift({ level: parent[b]!, from: BORDER, to: b });
        b = parent[b]!;
      }
    }
    return [...out, { level: parent[a]!, from: a, to: b }, ...into];
  }

  run(): LayoutResult {
    const { input, result } = this;
    const frames = [-1, ...input.frame.flatMap((frame, v) => (frame ? [v] : []))];
    for (const frame of frames) this.levels.set(frame, new Level(frame));
    const children = new Map<number, number[]>(frames.map(frame => [frame, []]));
    for (let v = 0; v < input.width.length; v++) children.get(input.parent[v]!)!.push(v);
    const pieceList = new Map<number, { link: number; order: number }[]>(frames.map(frame => [frame, []]));
    this.pieces.forEach((pieces, link) =>
      pieces.forEach((piece, order) => pieceList.get(piece.level)!.push({ link, order })),
    );
    for (const frame of [...frames].reverse())
      this.solve(this.levels.get(frame)!, children.get(frame)!, pieceList.get(frame)!);
    const outer = this.levels.get(-1)!.result!;
    result.totalWidth = Math.max(0, outer.right - outer.left);
    result.totalHeight = outer.height;
    this.settle(frames);
    return result;
  }

  /** Lays out one level; everything inside it has been. */
  private solve(level: Level, boxes: number[], pieces: { link: number; order: number }[]): void {
    const { input, result } = this;
    for (const box of boxes) {
      this.local[box] = level.boxes.length;
      level.addBox(box, result.width[box]!, result.height[box]!);
    }
    for (const { link, order } of pieces) {
      const piece = this.pieces[link]![order]!;
      const from = piece.from === BORDER ? level.addEnd('top') : this.local[piece.from]!;
      const to = piece.to === BORDER ? level.addEnd('bottom') : this.local[piece.to]!;
      const { port, ports } = input.links[link]!;
      level.pieces.push({ link, order });
      level.graph.links.push({
        from,
        to,
        port,
        ports,
        leave: piece.from === BORDER ? 0 : this.ports.get(`${piece.from}/${link}`),
        enter: piece.to === BORDER ? 0 : this.ports.get(`${piece.to}/${link}`),
      });
    }
    const flat = layoutFlat(level.graph);
    level.result = flat;
    if (level.frame < 0) return;
    const top = level.graph.pin.includes('top') ? 0 : SPACE.frameTop;
    const bottom = level.graph.pin.includes('bottom') ? 0 : SPACE.frameBottom;
    const { left, right } = this.sides(level, flat);
    const middle = (left + right) / 2;
    result.width[level.frame] = right - left;
    result.height[level.frame] = flat.height + top + bottom;
    // From here on the inside is relative to the frame's top and centre.
    for (let v = 0; v < flat.x.length; v++) flat.x[v]! -= middle;
    for (let v = 0; v < flat.y.length; v++) flat.y[v]! += top;
    for (const way of flat.routes) {
      for (let i = 0; i < way.length; i += 3) {
        way[i]! -= middle;
        way[i + 1]! += top;
        way[i + 2]! += top;
      }
    }
    level.pieces.forEach(({ link, order }, i) => {
      const piece = this.pieces[link]![order]!;
      const way = flat.routes[i]!;
      if (piece.from === BORDER) this.ports.set(`${level.frame}/${link}`, way[0]!);
      if (piece.to === BORDER) this.ports.set(`${level.frame}/${link}`, way[way.length - 3]!);
    });
  }

  /** Left and right border: around all that is inside, with room for the words beside the edges that come in. */
  private sides(level: Level, flat: FlatResult): { left: number; right: number } {
    const lead = this.input.lead[level.frame]!;
    const trail = this.input.trail[level.frame]!;
    let left = flat.left - SPACE.frameSide;
    let right = flat.right + SPACE.frameSide;
    level.pieces.forEach(({ link, order }, i) => {
      if (this.pieces[link]![order]!.from !== BORDER) return;
      left = Math.min(left, flat.routes[i]![0]! - lead);
      right = Math.max(right, flat.routes[i]![0]! + trail);
    });
    const lacking = lead + trail - (right - left);
    const more = Math.max(0, lacking) / 2;
    return { left: left - more, right: right + more };
  }

  /** Turns places within frames into places in the picture, frames before what they hold. */
  private settle(frames: number[]): void {
    const { result } = this;
    const ways: number[][][] = this.pieces.map(pieces => pieces.map(() => []));
    for (const frame of frames) {
      const level = this.levels.get(frame)!;
      const flat = level.result!;
      const dx = frame < 0 ? -flat.left : result.x[frame]!;
      const dy = frame < 0 ? 0 : result.y[frame]! - result.height[frame]! / 2;
      level.boxes.forEach((box, i) => {
        result.x[box] = flat.x[i]! + dx;
        result.y[box] = flat.y[i]! + dy;
      });
      level.pieces.forEach(({ link, order }, i) => {
        ways[link]![order] = flat.routes[i]!.map((value, at) => value + (at % 3 === 0 ? dx : dy));
      });
    }
    result.routes = ways.map(parts => Float64Array.from(parts.flat()));
  }
}

/** The end of a piece that lies on a frame's border. */
const BORDER = -1;
