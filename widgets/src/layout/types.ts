/** What the layout is given and gives: plain numbers, so that they can cross to a worker. */

export interface LayoutInput {
  width: number[];
  height: number[];
  /** Box is a frame around its members; its size is found. */
  frame: boolean[];
  /** What a frame's title needs to the left, and its summary to the right, of the edges that come in. */
  lead: number[];
  trail: number[];
  /** Boxes whose ports have no order of their own, like closed groups. Absent: none. */
  loose?: boolean[];
  /** The frame that holds a box; -1 at the outside. Frames come before their members. */
  parent: number[];
  links: LayoutLink[];
}

export interface LayoutLink {
  from: number;
  to: number;
  port: number;
  ports: number;
  /** Where it leaves its upper box and enters its lower one, from their centres. Absent: at a port, at the centre. */
  leave?: number | undefined;
  enter?: number | undefined;
  /** How much room it needs where it passes. Absent: that of a line. */
  breadth?: number;
}

export interface LayoutResult {
  /** Centres and sizes. */
  x: Float64Array;
  y: Float64Array;
  width: Float64Array;
  height: Float64Array;
  /**
   * All links' ways, one after another: link i has way[start[i] … start[i + 1]]. A way is vertical parts
   * [x, from, to]. The first starts at the bottom of the link's `from`, the last ends at the top of its `to`. Parts
   * that both run down are joined by a curve. A part with `to` above `from` runs up, between columns; a part that
   * runs the other way than the one before starts at the height where that one ended, and a horizontal line joins
   * them. A link whose two ends are one box, or one in the other, has no way.
   */
  way: Float64Array;
  start: Uint32Array;
  /** The same, one array a link, made when first asked for. */
  readonly routes: Float64Array[];
  totalWidth: number;
  totalHeight: number;
}

/** Pixels; the numbers of the visual language. */
export const SPACE = {
  /** Between boxes of a rank, beside a passing edge, and between two passing edges. */
  across: 20,
  besideEdge: 14,
  betweenEdges: 10,
  /** Between ranks, and where many edges fan out. */
  down: 20,
  fan: 36,
  mostDown: 72,
  /** Inside frames. */
  frameSide: 24,
  frameTop: 29,
  frameBottom: 15,
  /** Between the ports of a box. */
  ports: 52,
  /** Between a column and the first edge beside it; between two such edges; between two that turn in one gap. */
  gutter: 22,
  lanes: 10,
  turns: 6,
} as const;
