/**
 * Network simplex of Gansner, Koutsofios, North and Vo, "A Technique for Drawing Directed Graphs" (1993): ranks with
 * the least sum of edge lengths, from any feasible ones.
 *
 * A spanning tree of tight edges stands for a solution. The cut value of a tree edge says how the sum changes when it
 * is lengthened: it is the number of edges from the tail's side to the head's minus those the other way, and that is
 * the sum of out-degree minus in-degree over one side, since edges within a side cancel out. While one is negative,
 * its edge leaves the tree, and the shortest edge that crosses the other way enters.
 */
import { listsBy, type Lists } from './csr.js';

/** Nodes times turns: what a graph may cost before the ranks are taken as they are. */
const EFFORT = 2_000_000;

/** `least`: of each edge, how many ranks it spans at least. */
export function tightenRanks(
  count: number,
  from: Int32Array,
  to: Int32Array,
  rank: Int32Array,
  least = new Int32Array(from.length).fill(1),
): void {
  new Simplex(count, from, to, rank, least).run();
}

class Simplex {
  private readonly out: Lists;
  private readonly into: Lists;
  private readonly inTree: Uint8Array;
  private readonly parentEdge: Int32Array;
  /** Nodes in postorder; the subtree of v is the stretch from low[v] to at[v]. */
  private readonly post: Int32Array;
  private readonly low: Int32Array;
  private readonly at: Int32Array;
  private readonly sum: Int32Array;
  private readonly roots: number[] = [];

  constructor(
    private readonly count: number,
    private readonly from: Int32Array,
    private readonly to: Int32Array,
    private readonly rank: Int32Array,
    private readonly least: Int32Array,
  ) {
    this.out = listsBy(from, count);
    this.into = listsBy(to, count);
    this.inTree = new Uint8Array(from.length);
    this.parentEdge = new Int32Array(count);
    this.post = new Int32Array(count);
    this.low = new Int32Array(count);
    this.at = new Int32Array(count);
    this.sum = new Int32Array(count);
  }

  run(): void {
    this.growTrees();
    const turns = Math.min(4 * this.count + 20, Math.ceil(EFFORT / (this.count + this.from.length)));
    for (let turn = 0; turn < turns; turn++) {
      this.walkTrees();
      const leaving = this.worst();
      if (leaving < 0 || !this.exchange(leaving)) return;
    }
  }

  private slack(e: number): number {
    return this.rank[this.to[e]!]! - this.rank[this.from[e]!]! - this.least[e]!;
  }

  /** One tree a component: over tight edges as far as they go, then the tree moves up to its nearest neighbour. */
  private growTrees(): void {
    const { count, rank, from, to, out, into } = this;
    const tree = new Int32Array(count).fill(-1);
    for (let root = 0; root < count; root++) {
      if (tree[root]! >= 0) continue;
      this.roots.push(root);
      tree[root] = root;
      const members = [root];
      for (let next = 0; ;) {
        for (; next < members.length; next++) {
          const v = members[next]!;
          for (const lists of [out, into]) {
            for (let i = lists.start[v]!; i < lists.start[v + 1]!; i++) {
              const e = lists.items[i]!;
              const other = lists === out ? to[e]! : from[e]!;
              if (tree[other]! >= 0 || this.slack(e) !== 0) continue;
              tree[other] = root;
              this.inTree[e] = 1;
              members.push(other);
            }
          }
        }
        const nearest = this.nearest(members, tree);
        if (nearest < 0) break;
        const up = tree[from[nearest]!]! < 0;
        const by = up ? -this.slack(nearest) : this.slack(nearest);
        for (const v of members) rank[v]! += by;
        const joined = up ? from[nearest]! : to[nearest]!;
        tree[joined] = root;
        this.inTree[nearest] = 1;
        members.push(joined);
        // What is tight now may hang on any member.
        next = 0;
      }
    }
  }

  private nearest(members: number[], tree: Int32Array): number {
    let best = -1;
    let least = Infinity;
    for (const v of members) {
      for (const lists of [this.out, this.into]) {
        for (let i = lists.start[v]!; i < lists.start[v + 1]!; i++) {
          const e = lists.items[i]!;
          const other = lists === this.out ? this.to[e]! : this.from[e]!;
          if (tree[other]! < 0 && this.slack(e) < least) {
            least = this.slack(e);
            best = e;
          }
        }
      }
    }
    return best;
  }

  /** Postorder, and the sums that the cut values are. */
  private walkTrees(): void {
    const { out, into, from, to, inTree, parentEdge, post, low, at, sum } = this;
    let next = 0;
    const stack: number[] = [];
    const cursor = new Int32Array(this.count);
    for (const root of this.roots) {
      parentEdge[root] = -1;
      stack.push(root);
      low[root] = next;
      while (stack.length) {
        const v = stack[stack.length - 1]!;
        const outs = out.start[v + 1]! - out.start[v]!;
        const ins = into.start[v + 1]! - into.start[v]!;
        let child = -1;
        while (child < 0 && cursor[v]! < outs + ins) {
          const i = cursor[v]!++;
          const e = i < outs ? out.items[out.start[v]! + i]! : into.items[into.start[v]! + i - outs]!;
          if (!inTree[e] || e === parentEdge[v]) continue;
          child = i < outs ? to[e]! : from[e]!;
          parentEdge[child] = e;
          low[child] = next;
        }
        if (child >= 0) {
          stack.push(child);
          continue;
        }
        stack.pop();
        sum[v]! += outs - ins;
        at[v] = next;
        post[next++] = v;
      }
    }
    for (let i = 0; i < next; i++) sum[post[i]!] = 0;
    for (let i = 0; i < next; i++) {
      const v = post[i]!;
      sum[v]! += out.start[v + 1]! - out.start[v]! - (into.start[v + 1]! - into.start[v]!);
      const e = parentEdge[v]!;
      if (e >= 0) sum[from[e] === v ? to[e]! : from[e]!]! += sum[v]!;
    }
  }

  /** The node whose edge to its parent has the most negative cut value, or -1. */
  private worst(): number {
    let found = -1;
    let least = 0;
    for (let v = 0; v < this.count; v++) {
      const e = this.parentEdge[v]!;
      if (e < 0) continue;
      const cut = this.from[e] === v ? this.sum[v]! : -this.sum[v]!;
      if (cut < least) {
        least = cut;
        found = v;
      }
    }
    return found;
  }

  private exchange(v: number): boolean {
    const { from, to, low, at, post, rank } = this;
    const leaving = this.parentEdge[v]!;
    const isTail = from[leaving] === v;
    const lists = isTail ? this.into : this.out;
    let entering = -1;
    let least = Infinity;
    for (let i = low[v]!; i <= at[v]!; i++) {
      const u = post[i]!;
      for (let k = lists.start[u]!; k < lists.start[u + 1]!; k++) {
        const e = lists.items[k]!;
        const other = at[isTail ? from[e]! : to[e]!]!;
        if (other >= low[v]! && other <= at[v]!) continue;
        const slack = this.slack(e);
        if (slack < least) {
          least = slack;
          entering = e;
        }
      }
    }
    if (entering < 0) return false;
    const by = isTail ? -least : least;
    for (let i = low[v]!; i <= at[v]!; i++) rank[post[i]!]! += by;
    this.inTree[leaving] = 0;
    this.inTree[entering] = 1;
    return true;
  }
}
