/** Input and result as typed arrays: what the engine works on and what crosses to a worker without being copied. */
import type { LayoutInput, LayoutResult } from './types.js';

export interface Packed {
  width: Float64Array;
  height: Float64Array;
  lead: Float64Array;
  trail: Float64Array;
  frame: Uint8Array;
  loose: Uint8Array;
  parent: Int32Array;
  from: Int32Array;
  to: Int32Array;
  port: Int32Array;
  ports: Int32Array;
  leave: Float64Array;
  enter: Float64Array;
  breadth: Float64Array;
}

export function pack(input: LayoutInput): Packed {
  const count = input.links.length;
  const packed: Packed = {
    width: Float64Array.from(input.width),
    height: Float64Array.from(input.height),
    lead: Float64Array.from(input.lead),
    trail: Float64Array.from(input.trail),
    frame: Uint8Array.from(input.frame, Number),
    loose: input.loose ? Uint8Array.from(input.loose, Number) : new Uint8Array(input.width.length),
    parent: Int32Array.from(input.parent),
    from: new Int32Array(count),
    to: new Int32Array(count),
    port: new Int32Array(count),
    ports: new Int32Array(count),
    leave: new Float64Array(count),
    enter: new Float64Array(count),
    breadth: new Float64Array(count),
  };
  for (let i = 0; i < count; i++) {
    const link = input.links[i]!;
    packed.from[i] = link.from;
    packed.to[i] = link.to;
    packed.port[i] = link.port;
    packed.ports[i] = link.ports;
    packed.leave[i] = link.leave ?? NaN;
    packed.enter[i] = link.enter ?? NaN;
    packed.breadth[i] = link.breadth ?? 0;
  }
  return packed;
}

/** The arrays of a result, without what can be made from them. */
export type PackedResult = Omit<LayoutResult, 'routes'>;

export function buffersOf(result: PackedResult): ArrayBufferLike[] {
  const { x, y, width, height, way, start } = result;
  return [x, y, width, height, way, start].map(array => array.buffer);
}

export class Laid implements LayoutResult {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly width: Float64Array;
  readonly height: Float64Array;
  readonly way: Float64Array;
  readonly start: Uint32Array;
  readonly totalWidth: number;
  readonly totalHeight: number;
  private list: Float64Array[] | undefined;

  constructor(packed: PackedResult) {
    this.x = packed.x;
    this.y = packed.y;
    this.width = packed.width;
    this.height = packed.height;
    this.way = packed.way;
    this.start = packed.start;
    this.totalWidth = packed.totalWidth;
    this.totalHeight = packed.totalHeight;
  }

  get routes(): Float64Array[] {
    if (!this.list) {
      this.list = new Array<Float64Array>(this.start.length - 1);
      for (let i = 0; i < this.list.length; i++)
        this.list[i] = this.way.subarray(this.start[i], this.start[i + 1]);
    }
    return this.list;
  }
}
