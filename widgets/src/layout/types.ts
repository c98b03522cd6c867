/** What the layout is given and gives: plain numbers, so that they can cross to a worker. */

export interface LayoutInput {
  width: number[];
  height: number[];
  /** Box is a frame around its members; its size is found. */
  frame: boolean[];
  /** What a frame's title needs to the left, and its summary to the right, of the edges that come in. */
  lead: number[];
  trail: number[];
  /** The frame that holds a box; -1 at the outside. Frames come before their members. */
  parent: number[];
  links: { from: number; to: number; port: number; ports: number }[];
}

export interface LayoutResult {
  /** Centres and sizes. */
  x: Float64Array;
  y: Float64Array;
  width: Float64Array;
  height: Float64Array;
  /**
   * Each link's way: vertical parts [x, top, bottom], one after another, joined by curves. The first starts at the
   * bottom of `from`, the last ends at the top of `to`.
   */
  routes: Float64Array[];
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
} as const;

/** A box of a flat graph, or a stretch of an edge that passes a rank. */
export interface Flat {
  /** Real boxes first. */
  width: number[];
  height: number[];
  /** Where links enter and leave, relative to the centre, if that is fixed. */
  links: FlatLink[];
  /** Pinned to the first rank or to the last: edges that come in or go out of a frame. */
  pin: (undefined | 'top' | 'bottom')[];
}

export interface FlatLink {
  from: number;
  to: number;
  port: number;
  ports: number;
  /** Fixed offset of the ends from the centres; undefined: the middle, or a port of the box. */
  leave: number | undefined;
  enter: number | undefined;
}
