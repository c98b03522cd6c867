/**
 * The inside of one frame, as a flat graph: boxes, and gates where edges cross the frame's border. A gate is a point
 * without size, pinned to the top or to the bottom. What is known before any size is.
 */
export const INSIDE = 0;
export const TOP = 1;
export const BOTTOM = 2;

export interface Graph {
  /** Boxes come first, gates after them. */
  boxes: number;
  count: number;
  /** INSIDE, TOP or BOTTOM. */
  side: Uint8Array;
  /** Edges: at most one between two nodes. */
  from: Int32Array;
  to: Int32Array;
  /** Where an edge leaves its box, 0 to 1 of the width: in the order of the ports, or 0.5 where they have none. */
  leaveAt: Float64Array;
  /** The gates from left to right. */
  topOrder: Int32Array;
  bottomOrder: Int32Array;
}
