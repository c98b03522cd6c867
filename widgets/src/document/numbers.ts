/** The two encodings of a column's numbers: bytes in base64, plain or as differences, and runs. */
import type { BinaryColumn, Numbers, RunsColumn } from '../generated/document.js';
import { DocumentError } from './check.js';

/** Whole numbers of 32 bits, or any. */
export type NumberArray = Int32Array | Float64Array;

/** Codes as they came: a byte each where there are few. */
export type Codes = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array;

type Stored = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Float32Array | Float64Array;

interface NumberType {
  size: number;
  /** Among differences the least number stands for absent. */
  absent: number;
  whole: boolean;
  of(buffer: ArrayBuffer): Stored;
  read(view: DataView, at: number): number;
}

const TYPES: Record<BinaryColumn['type'], NumberType> = {
  i8: { size: 1, absent: -0x80, whole: true, of: b => new Int8Array(b), read: (v, at) => v.getInt8(at) },
  u8: { size: 1, absent: NaN, whole: true, of: b => new Uint8Array(b), read: (v, at) => v.getUint8(at) },
  i16: { size: 2, absent: -0x8000, whole: true, of: b => new Int16Array(b), read: (v, at) => v.getInt16(at, true) },
  u16: { size: 2, absent: NaN, whole: true, of: b => new Uint16Array(b), read: (v, at) => v.getUint16(at, true) },
  i32: { size: 4, absent: -0x80000000, whole: true, of: b => new Int32Array(b), read: (v, at) => v.getInt32(at, true) },
  f32: { size: 4, absent: NaN, whole: false, of: b => new Float32Array(b), read: (v, at) => v.getFloat32(at, true) },
  f64: { size: 8, absent: NaN, whole: false, of: b => new Float64Array(b), read: (v, at) => v.getFloat64(at, true) },
}; // prettier-ignore

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** More than any table may have, lists of all its rows together: what claims more is refused before memory is taken for it. */
const MAX_LENGTH = 1 << 24;

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `most`: more values than this are wrong whatever they are. */
export function decodeNumbers(column: Numbers, where: string, most = MAX_LENGTH): NumberArray {
  switch (isObject(column) && column.encoding) {
    case 'binary':
      return decodeBinary(column as BinaryColumn, where);
    case 'runs':
      return runs((column as RunsColumn).runs, where, most);
    default:
      throw new DocumentError(`${where}.encoding has to be binary or runs.`);
  }
}

/** Of newer browsers: many times faster than `atob` and a loop. */
const fromBase64 = (Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }).fromBase64;

function bytes(base64: string, where: string): ArrayBuffer {
  let text: string;
  try {
    if (fromBase64) return fromBase64.call(Uint8Array, base64).buffer;
    text = atob(base64);
  } catch {
    throw new DocumentError(`${where}.base64 is not standard base64.`);
  }
  const data = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) data[i] = text.charCodeAt(i);
  return data.buffer;
}

/** Numbers that stand for values in a list. What is no whole number of 32 bits becomes -1 or too large: no code. */
export function decodeCodes(column: Numbers, where: string, most: number): Codes {
  const numbers =
    isObject(column) && column.encoding === 'binary'
      ? binary(column, where)
      : decodeNumbers(column, where, most);
  if (!(numbers instanceof Float32Array || numbers instanceof Float64Array)) return numbers;
  const codes = new Int32Array(numbers.length);
  for (let i = 0; i < codes.length; i++) codes[i] = Number.isInteger(numbers[i]) ? numbers[i]! : NO_CODE;
  return codes;
}

const NO_CODE = 0x7fffffff;

function decodeBinary(column: BinaryColumn, where: string): NumberArray {
  const stored = binary(column, where);
  if (stored instanceof Int32Array || stored instanceof Float64Array) return stored;
  return TYPES[column.type].whole ? new Int32Array(stored) : new Float64Array(stored);
}

function binary(column: BinaryColumn, where: string): Stored {
  const type = Object.hasOwn(TYPES, column.type) ? TYPES[column.type] : undefined;
  if (!type) throw new DocumentError(`${where}.type has to be one of ${Object.keys(TYPES).join(', ')}.`);
  if (typeof column.base64 !== 'string') throw new DocumentError(`${where}.base64 has to be a text.`);
  const buffer = bytes(column.base64, where);
  if (buffer.byteLength % type.size)
    throw new DocumentError(`${where}: ${buffer.byteLength} bytes are no whole number of ${column.type}.`);
  const stored = LITTLE_ENDIAN ? type.of(buffer) : swapped(type, buffer);
  const base = column.base ?? 0;
  if (!Number.isSafeInteger(base)) throw new DocumentError(`${where}.base has to be an integer.`);
  return column.delta ? summed(stored, type.absent, base) : stored;
}

function swapped(type: NumberType, buffer: ArrayBuffer): Float64Array {
  const view = new DataView(buffer);
  const numbers = new Float64Array(buffer.byteLength / type.size);
  for (let i = 0; i < numbers.length; i++) numbers[i] = type.read(view, i * type.size);
  return numbers;
}

/** Bounds that were seen while decoding: of all numbers that are there. */
const seen = new WeakMap<NumberArray, number[]>();
/** Differences among which some are absent. */
const gapped = new WeakSet<NumberArray>();
/** The first of numbers that go up by one. */
const firsts = new WeakMap<NumberArray, number>();

/** The first of the numbers, if they came as one run that goes up by one; undefined: they may be any. */
export const firstOfRun = (numbers: NumberArray): number | undefined => firsts.get(numbers);

const ABSENT = -1;

/** The smaller array, if numbers between these two fit: half the memory is touched. */
function arrayFor(length: number, low: number, high: number): NumberArray {
  const fits = Number.isSafeInteger(low) && Number.isSafeInteger(high) && low >= -(2 ** 31) && high < 2 ** 31;
  return fits ? new Int32Array(length) : new Float64Array(length);
}

function summed(differences: Stored, absent: number, base: number): NumberArray {
  const fractions = differences instanceof Float32Array || differences instanceof Float64Array;
  // Of 32 bits whatever they were: a loop over arrays of one kind is compiled once, and early.
  const sums = fractions ? new Float64Array(differences) : new Int32Array(differences);
  if (sums instanceof Int32Array && addUp(sums, absent, base)) return sums;
  const numbers = new Float64Array(differences);
  let sum = base;
  for (let i = 0; i < numbers.length; i++) numbers[i] = numbers[i] === absent ? ABSENT : (sum += numbers[i]!);
  return numbers;
}

/** Sums in place; false, and anything in it, if they need more than 32 bits. */
function addUp(sums: Int32Array, absent: number, base: number): boolean {
  let sum = base;
  let gap = false;
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < sums.length; i++) {
    const difference = sums[i]!;
    if (difference === absent) {
      sums[i] = ABSENT;
      gap = true;
      continue;
    }
    sums[i] = sum += difference;
    if (sum < low) low = sum;
    if (sum > high) high = sum;
  }
  if (low < -(2 ** 31) || high >= 2 ** 31) return false;
  if (gap) gapped.add(sums);
  seen.set(sums, low <= high ? [low, high] : []);
  return true;
}

function runs(list: number[][], where: string, most: number): NumberArray {
  if (!Array.isArray(list)) throw new DocumentError(`${where}.runs has to be a list.`);
  let length = 0;
  let [low, high] = [0, 0];
  for (const run of list) {
    if (!Array.isArray(run) || run.length !== 3 || !run.every(Number.isSafeInteger) || run[0]! < 0) {
      throw new DocumentError(`${where}.runs has to hold [count, start, step], three integers each.`);
    }
    const [count, start, step] = run as [number, number, number];
    length += count;
    if (length > most) throw new DocumentError(`${where} has more than the ${most} values it may have.`);
    const end = start + Math.max(0, count - 1) * step;
    low = Math.min(low, start, end);
    high = Math.max(high, start, end);
  }
  const numbers = arrayFor(length, low, high);
  let at = 0;
  for (const [count, start, step] of list) {
    if (step === 0) numbers.fill(start!, at, (at += count!));
    else for (let i = 0; i < count!; i++) numbers[at++] = start! + i * step!;
  }
  if (list.length === 1 && list[0]![2] === 1) firsts.set(numbers, list[0]![1]!);
  const ends = list.flatMap(([count, start, step]) =>
    count && !(start === -1 && step === 0) ? [start!, start! + (count - 1) * step!] : [],
  );
  if (ends.every(Number.isSafeInteger) && ends.length === 2 * list.length) seen.set(numbers, ends);
  return numbers;
}

/** The least and the most, and one that is not whole or not finite if there is such: what rules of numbers are about. */
export function bounds(numbers: NumberArray, optional: boolean): number[] {
  const known = seen.get(numbers);
  // A run of optional numbers may begin or end with one that is absent: then each is looked at.
  const plain = known?.every(value => Number.isSafeInteger(value) && (value >= 0 || !optional));
  if (known && plain) return optional || !gapped.has(numbers) ? known : [-1, ...known];
  if (numbers instanceof Int32Array) {
    const [low, high] = extent(numbers, optional ? ABSENT : NaN);
    return low <= high ? [low, high] : [];
  }
  let [low, high] = [Infinity, -Infinity];
  let odd = -1;
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!;
    if (value === ABSENT && optional) continue;
    if (odd < 0 && !Number.isSafeInteger(value)) odd = i;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [...(odd < 0 ? [] : [numbers[odd]!]), ...(low <= high ? [low, high] : [])];
}

/** The least and the most of all but `absent`; Infinity and -Infinity if there is none. */
export function extent(numbers: Int32Array, absent: number): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!;
    if (value === absent) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
