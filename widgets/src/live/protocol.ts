/** The live protocol's messages, as schema/protocol.md describes them. */
import type { Ref, Owner, Stats } from '../generated/document.js';

export const TARGET = 'tapescope';
export const PROTOCOL = '1.0';

export interface Request {
  id: number;
  method: string;
  params: Record<string, unknown>;
}

export interface Failure {
  code: string;
  message: string;
  data?: Record<string, unknown>;
}

export type Response = { id: number; result: Record<string, unknown> } | { id: number; error: Failure };

export interface Event {
  event: string;
  params: Record<string, unknown>;
}

export type BufferType = 'u8' | 'i8' | 'i16' | 'u16' | 'i32' | 'i64' | 'f32' | 'f64';

/** Names one of the message's binary buffers: little-endian, row-major. */
export interface BufferRef {
  buffer: number;
  type: BufferType;
  shape: number[];
}

export interface Now {
  dtype: string;
  shape: number[];
  version: number;
  changed: boolean;
}

export interface StatsAnswer extends Now {
  stats: Stats;
}

export interface OwnersAnswer {
  owners: Owner[];
  complete: boolean;
}

export interface HistogramAnswer extends Now {
  edges: BufferRef;
  counts: BufferRef;
  below: number;
  above: number;
  nan: number;
  inf: number;
}

export interface ValuesAnswer extends Now {
  values: BufferRef;
  index: [number, number, number][];
}

export interface Params {
  on: Ref;
  [name: string]: unknown;
}

/** An answer with the message's buffers. */
export interface Answer<Result> {
  result: Result;
  buffers: DataView[];
}

const ITEM: Record<BufferType, { size: number; read(view: DataView, at: number): number }> = {
  u8: { size: 1, read: (view, at) => view.getUint8(at) },
  i8: { size: 1, read: (view, at) => view.getInt8(at) },
  i16: { size: 2, read: (view, at) => view.getInt16(at, true) },
  u16: { size: 2, read: (view, at) => view.getUint16(at, true) },
  i32: { size: 4, read: (view, at) => view.getInt32(at, true) },
  i64: { size: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  f32: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  f64: { size: 8, read: (view, at) => view.getFloat64(at, true) },
};

/** The numbers of a buffer; throws where its length does not fit shape and type. */
export function readBuffer(ref: BufferRef, buffers: DataView[]): number[] {
  const item = ITEM[ref.type];
  const view = buffers[ref.buffer];
  if (!item || !view)
    throw new Error(`The answer names buffer ${ref.buffer} of type ${ref.type}, which did not come.`);
  const length = ref.shape.reduce((product, size) => product * size, 1);
  if (view.byteLength !== length * item.size) {
    throw new Error(
      `Buffer ${ref.buffer} has ${view.byteLength} bytes; ${ref.type} of shape [${ref.shape.join(', ')}] takes ${length * item.size}.`,
    );
  }
  return Array.from({ length }, (_, i) => item.read(view, i * item.size));
}
