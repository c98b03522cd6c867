/**
 * What it costs to end a column before a rank: the edges that pass there have to leave to the right, below their box,
 * and come back from the left, above where they lead.
 */
import { listsBy, type Lists } from './csr.js';
import type { Graph } from './graph.js';
import type { Layers } from './layers.js';

export class Cuts {
  /** Edges that pass between each rank and the one before it. */
  readonly passing: Int32Array;
  /** Edges by the rank of their upper end. */
  private readonly starting: Lists;
  /** Edges that pass at `at`, kept from one question to the next. */
  private active: number[] = [];
  private at = 0;

  constructor(
    private readonly graph: Graph,
    private readonly layers: Layers,
  ) {
    const { rank, ranks } = layers;
    const edges = graph.from.length;
    this.passing = new Int32Array(ranks + 1);
    const from = new Int32Array(edges);
    for (let e = 0; e < edges; e++) {
      from[e] = Math.min(this.first(e), this.last(e));
      this.passing[from[e]! + 1]!++;
      this.passing[Math.max(rank[graph.from[e]!]!, rank[graph.to[e]!]!) + 1]!--;
    }
    for (let r = 1; r <= ranks; r++) this.passing[r]! += this.passing[r - 1]!;
    this.starting = listsBy(from, ranks);
  }

  private first(e: number): number {
    return this.layers.rank[this.graph.from[e]!]!;
  }

  private last(e: number): number {
    return this.layers.rank[this.graph.to[e]!]!;
  }

  /** Crossings that come with a cut before rank `at`; asked for ranks from the top down. */
  crossings(at: number): number {
    const { starting } = this;
    for (; this.at < at; this.at++)
      for (let k = starting.start[this.at]!; k < starting.start[this.at + 1]!; k++)
        this.active.push(starting.items[k]!);
    this.active = this.active.filter(e => Math.max(this.first(e), this.last(e)) >= at);
    let count = 0;
    this.active.forEach((e, i) => {
      count += this.rightOf(e, at) + this.leftOf(e, at);
      // The one that leaves lower would have to come in lower too.
      for (let k = 0; k < i; k++) {
        const f = this.active[k]!;
        if ((this.first(e) - this.first(f)) * (this.last(e) - this.last(f)) < 0) count++;
      }
    });
    return count;
  }

  /** Segments that the way to the right of an edge's box crosses, without those that leave for the next column too. */
  private rightOf(e: number, at: number): number {
    const { order, start, place, below, edge } = this.layers;
    const v = this.graph.from[e]!;
    const r = this.first(e);
    if (r + 1 >= at) return 0;
    let count = 0;
    for (let i = start[r]! + place[v]! + 1; i < start[r + 1]!; i++)
      for (let k = below.start[order[i]!]!; k < below.start[order[i]! + 1]!; k++)
        if (this.last(edge[below.items[k]!]!) < at) count++;
    return count;
  }

  private leftOf(e: number, at: number): number {
    const { order, start, place, above, edge } = this.layers;
    const w = this.graph.to[e]!;
    const r = this.last(e);
    if (r <= at) return 0;
    let count = 0;
    for (let i = start[r]!; i < start[r]! + place[w]!; i++)
      for (let k = above.start[order[i]!]!; k < above.start[order[i]! + 1]!; k++)
        if (this.first(edge[above.items[k]!]!) >= at) count++;
    return count;
  }
}
