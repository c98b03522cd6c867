/**
 * The nest as flat graphs, one a frame and one for the outside. A link that crosses a frame's border is cut there, at
 * a gate. Links that cross a border on the way between the same two boxes, seen from outside, share the gate and
 * what lies beyond: so an open frame has the same edges around it as the closed box, and what surrounds it keeps its
 * order when it opens.
 */
import { BOTTOM, TOP, type Graph } from './graph.js';
import type { Packed } from './packed.js';

export interface Level {
  /** -1 at the outside. */
  frame: number;
  boxes: number[];
  /** The gate that each node after the boxes is. */
  gates: number[];
  /** Edges of the level, and their strands, by their number among all. */
  edges: number[];
  strands: number[];
}

export interface Levels {
  levels: Level[];
  /** The level that is the inside of a frame, by box; and each box's number in its own level. */
  inside: Int32Array;
  local: Int32Array;
  /** Of each edge: its nodes in its level, and the gates of frames at its ends, or -1. */
  from: number[];
  to: number[];
  leaves: number[];
  enters: number[];
  /** And how broad it is, and where it leaves its upper box and enters its lower one, from their centres; NaN: that is free. */
  breadth: number[];
  leaveBy: number[];
  enterBy: number[];
  /** An edge has a strand for each port that links leave its box by: those of frames, gates and loose boxes are 0 of 0. */
  strandEdge: number[];
  port: number[];
  ports: number[];
  /** Of each gate: the frame, the side, and its node in the frame's level. */
  gateFrame: number[];
  gateSide: number[];
  gateNode: number[];
  /** The strands that each link runs along, from its start to its end. */
  pieces: Int32Array;
  pieceStart: Int32Array;
}

/** More than the ports that a box may have drawn apart; and than there are boxes and gates. */
const MOST_PORTS = 2 ** 20;
const LIMIT = 2 ** 26;

export function cutIntoLevels(input: Packed): Levels {
  return new Cutter(input).cut();
}

class Cutter {
  private readonly depth: Int32Array;
  private readonly result: Levels;
  private readonly gateOf = new Map<number, number>();
  private readonly edgeOf: Map<number, number>[];
  private readonly strandOf = new Map<number, number>();

  constructor(private readonly input: Packed) {
    const { frame, parent } = input;
    const count = frame.length;
    this.depth = new Int32Array(count);
    const levels: Level[] = [{ frame: -1, boxes: [], gates: [], edges: [], strands: [] }];
    const inside = new Int32Array(count);
    const local = new Int32Array(count);
    for (let v = 0; v < count; v++) {
      const outer = parent[v]!;
      if (outer >= v || outer < -1 || (outer >= 0 && !frame[outer]))
        throw new RangeError('A frame has to come before its members.');
      if (outer >= 0) this.depth[v] = this.depth[outer]! + 1;
      if (frame[v]) inside[v] = levels.push({ frame: v, boxes: [], gates: [], edges: [], strands: [] }) - 1;
      const home = levels[outer < 0 ? 0 : inside[outer]!]!;
      local[v] = home.boxes.push(v) - 1;
    }
    this.edgeOf = levels.map(() => new Map());
    this.result = {
      levels,
      inside,
      local,
      from: [], to: [], leaves: [], enters: [], breadth: [], leaveBy: [], enterBy: [],
      strandEdge: [], port: [], ports: [],
      gateFrame: [], gateSide: [], gateNode: [],
      pieces: new Int32Array(),
      pieceStart: new Int32Array(input.from.length + 1),
    }; // prettier-ignore
  }

  cut(): Levels {
    const { input, result } = this;
    const pieces: number[] = [];
    for (let link = 0; link < input.from.length; link++) {
      this.cutLink(link, pieces);
      result.pieceStart[link + 1] = pieces.length;
    }
    result.pieces = Int32Array.from(pieces);
    return result;
  }

  private cutLink(link: number, pieces: number[]): void {
    const { parent, port, ports, leave, enter, breadth } = this.input;
    const { result } = this;
    const { local, inside } = result;
    let [a, b] = [this.input.from[link]!, this.input.to[link]!];
    const out: number[] = [a];
    const into: number[] = [b];
    while (parent[a] !== parent[b]) {
      if (this.depth[a]! >= this.depth[b]!) out.push((a = parent[a]!));
      else into.push((b = parent[b]!));
    }
    if (a === b) return;
    const home = parent[a]! < 0 ? 0 : inside[parent[a]!]!;
    // Gates from the outside in: each is known by what is beyond it.
    const outGates: number[] = [];
    let beyond = b;
    for (let i = out.length - 1; i > 0; i--) {
      const gate = this.gate(out[i]!, BOTTOM, beyond);
      outGates[i] = gate;
      beyond = this.depth.length + gate;
    }
    const inGates: number[] = [];
    beyond = a;
    for (let i = into.length - 1; i > 0; i--) {
      const gate = this.gate(into[i]!, TOP, beyond);
      inGates[i] = gate;
      beyond = this.depth.length + gate;
    }
    const add = (
      level: number,
      from: number,
      to: number,
      leaves: number,
      enters: number,
      box: number,
    ): void => {
      const edge = this.edge(level, from, to, leaves, enters);
      result.breadth[edge] = Math.max(result.breadth[edge]!, breadth[link]!);
      if (box >= 0) result.leaveBy[edge] = leave[link]!;
      const ordered = box >= 0 && !this.input.loose[box];
      pieces.push(this.strand(level, edge, ordered ? port[link]! : 0, ordered ? ports[link]! : 0));
    };
    const { gateNode } = this.result;
    for (let i = 1; i < out.length; i++) {
      const leaves = i > 1 ? outGates[i - 1]! : -1;
      add(inside[out[i]!]!, local[out[i - 1]!]!, gateNode[outGates[i]!]!, leaves, -1, i === 1 ? out[0]! : -1);
    }
    const [leaves, enters] = [outGates[out.length - 1] ?? -1, inGates[into.length - 1] ?? -1];
    add(home, local[a]!, local[b]!, leaves, enters, out.length === 1 ? a : -1);
    for (let i = into.length - 1; i > 0; i--) {
      const enters = i > 1 ? inGates[i - 1]! : -1;
      add(inside[into[i]!]!, gateNode[inGates[i]!]!, local[into[i - 1]!]!, -1, enters, -1);
    }
    // The last piece is the one that reaches the link's own end.
    result.enterBy[result.strandEdge[pieces[pieces.length - 1]!]!] = enter[link]!;
  }

  private gate(frame: number, side: number, beyond: number): number {
    const { result } = this;
    const key = (frame * 2 + (side === TOP ? 1 : 0)) * LIMIT + beyond;
    let gate = this.gateOf.get(key);
    if (gate === undefined) {
      const level = result.levels[result.inside[frame]!]!;
      gate = result.gateFrame.push(frame) - 1;
      this.gateOf.set(key, gate);
      result.gateSide.push(side);
      result.gateNode.push(level.boxes.length + level.gates.push(gate) - 1);
    }
    return gate;
  }

  private edge(level: number, from: number, to: number, leaves: number, enters: number): number {
    const { result } = this;
    const known = this.edgeOf[level]!;
    const key = from * 2 ** 26 + to;
    let edge = known.get(key);
    if (edge === undefined) {
      edge = result.from.push(from) - 1;
      known.set(key, edge);
      result.to.push(to);
      result.leaves.push(leaves);
      result.enters.push(enters);
      result.breadth.push(0);
      result.leaveBy.push(NaN);
      result.enterBy.push(NaN);
      result.levels[level]!.edges.push(edge);
    }
    return edge;
  }

  private strand(level: number, edge: number, port: number, ports: number): number {
    const { result } = this;
    const key = edge * MOST_PORTS + Math.min(port, MOST_PORTS - 1);
    let strand = this.strandOf.get(key);
    if (strand === undefined) {
      strand = result.strandEdge.push(edge) - 1;
      this.strandOf.set(key, strand);
      result.port.push(port);
      result.ports.push(ports);
      result.levels[level]!.strands.push(strand);
    }
    return strand;
  }
}

/** The level as a graph; the gates in the order given, those of the top and those of the bottom. */
export function graphOf(all: Levels, level: Level, topOrder: Int32Array, bottomOrder: Int32Array): Graph {
  const boxes = level.boxes.length;
  const count = boxes + level.gates.length;
  const side = new Uint8Array(count);
  level.gates.forEach((gate, i) => (side[boxes + i] = all.gateSide[gate]!));
  const from = Int32Array.from(level.edges, e => all.from[e]!);
  const to = Int32Array.from(level.edges, e => all.to[e]!);
  return { boxes, count, side, from, to, leaveAt: seatsOf(all, level, from), topOrder, bottomOrder };
}

/** Edges of one box in the order of their first ports. How many strands they have makes no difference. */
function seatsOf(all: Levels, level: Level, from: Int32Array): Float64Array {
  const leaveAt = new Float64Array(from.length).fill(0.5);
  const local = new Map(level.edges.map((e, i) => [e, i]));
  const first = new Map<number, number>();
  for (const strand of level.strands) {
    if (all.ports[strand]! < 2) continue;
    const e = local.get(all.strandEdge[strand]!)!;
    first.set(e, Math.min(first.get(e) ?? Infinity, all.port[strand]!));
  }
  const byBox = new Map<number, number[]>();
  for (const e of first.keys()) {
    const list = byBox.get(from[e]!);
    if (list) list.push(e);
    else byBox.set(from[e]!, [e]);
  }
  for (const list of byBox.values()) {
    list.sort((a, b) => first.get(a)! - first.get(b)!);
    list.forEach((e, i) => (leaveAt[e] = (i + 0.5) / list.length));
  }
  return leaveAt;
}
