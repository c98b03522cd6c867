/**
 * The columnar form of a table: each member of the rows is one column, by one of five encodings. Encodings and
 * number types are closed for all of major 1, so an unknown one is an error, not a thing to skip.
 */
import type { BinaryColumn, Column, Columns, Numbers } from '../generated/document.js';
import { DocumentError } from './check.js';

type NumberArray = ArrayLike<number>;

const READERS: Record<BinaryColumn['type'], { size: number; read(view: DataView, at: number): number }> = {
  i8: { size: 1, read: (view, at) => view.getInt8(at) },
  u8: { size: 1, read: (view, at) => view.getUint8(at) },
  i16: { size: 2, read: (view, at) => view.getInt16(at, true) },
  u16: { size: 2, read: (view, at) => view.getUint16(at, true) },
  i32: { size: 4, read: (view, at) => view.getInt32(at, true) },
  f32: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  f64: { size: 8, read: (view, at) => view.getFloat64(at, true) },
};

/** More than any table may have: a run that claims more is refused before memory is taken for it. */
const MAX_LENGTH = 1 << 24;

function bytes(base64: string, where: string): DataView {
  let text: string;
  try {
    text = atob(base64);
  } catch {
    throw new DocumentError(`${where}.base64 is not standard base64.`);
  }
  const data = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) data[i] = text.charCodeAt(i);
  return new DataView(data.buffer);
}

function binary(column: BinaryColumn, where: string): NumberArray {
  const reader = READERS[column.type];
  if (!reader) throw new DocumentError(`${where}.type has to be one of ${Object.keys(READERS).join(', ')}.`);
  const view = bytes(column.base64, where);
  if (view.byteLength % reader.size) {
    throw new DocumentError(`${where}: ${view.byteLength} bytes are no whole number of ${column.type}.`);
  }
  const numbers = new Float64Array(view.byteLength / reader.size);
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) {
    const stored = reader.read(view, i * reader.size);
    numbers[i] = column.delta ? (sum += stored) : stored;
  }
  return numbers;
}

function runs(list: number[][], where: string): NumberArray {
  let length = 0;
  for (const run of list) {
    if (run.length !== 3 || !run.every(Number.isSafeInteger) || run[0]! < 0) {
      throw new DocumentError(`${where}.runs has to hold [count, start, step], three integers each.`);
    }
    length += run[0]!;
    if (length > MAX_LENGTH)
      throw new DocumentError(`${where}.runs stands for more than ${MAX_LENGTH} rows.`);
  }
  const numbers = new Float64Array(length);
  let at = 0;
  for (const [count, start, step] of list) {
    for (let i = 0; i < count!; i++) numbers[at++] = start! + i * step!;
  }
  return numbers;
}

function decodeNumbers(column: Numbers, where: string): NumberArray {
  switch (column.encoding) {
    case 'binary':
      return binary(column, where);
    case 'runs':
      return runs(column.runs, where);
    default:
      throw new DocumentError(`${where}.encoding has to be binary or runs.`);
  }
}

/** As the list form spells it: what JSON has no number for is a word. */
function spell(value: number): number | string {
  return Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** A column's values by row; undefined is absent, which `-1` stands for in numbers of an optional member. */
function decode(column: Column, optional: boolean, where: string): unknown[] {
  switch (column.encoding) {
    case 'plain':
      return column.values.map(value => value ?? undefined);
    case 'dictionary':
      return Array.from(decodeNumbers(column.index, `${where}.index`), index => {
        if (index >= column.values.length || index < -1) {
          throw new DocumentError(`${where}.index: ${index} is past the ${column.values.length} values.`);
        }
        return index < 0 ? undefined : column.values[index];
      });
    case 'lists': {
      const flat = Array.from(decodeNumbers(column.values, `${where}.values`));
      const lengths = decodeNumbers(column.lengths, `${where}.lengths`);
      const lists: number[][] = [];
      let at = 0;
      for (let i = 0; i < lengths.length; i++) lists.push(flat.slice(at, (at += lengths[i]!)));
      if (at !== flat.length)
        throw new DocumentError(`${where}: lengths add up to ${at}, not to ${flat.length}.`);
      return lists;
    }
    case 'binary':
    case 'runs':
      return Array.from(decodeNumbers(column, where), value =>
        optional && value === -1 ? undefined : spell(value),
      );
    default:
      throw new DocumentError(
        `${where}.encoding has to be plain, binary, runs, dictionary or lists, not ${JSON.stringify((column as { encoding: unknown }).encoding)}.`,
      );
  }
}

/** The values of a column that may differ from one another: of a dictionary, its entries. */
function distinct(column: Column, values: unknown[]): Iterable<unknown> {
  if (column.encoding === 'dictionary') return column.values;
  return column.encoding === 'runs' ? new Set(values) : values;
}

/**
 * Writes a columnar table out as rows. `required` are the members that may not be absent; `verify` is called with
 * each value that a member takes, so that the rows need not be checked one by one.
 */
export function rowsOf(
  table: Columns,
  required: readonly string[],
  where: string,
  verify: (name: string, value: unknown) => void = () => undefined,
): Record<string, unknown>[] {
  const rows: Record<string, unknown>[] = Array.from({ length: table.length }, () => ({}));
  for (const name of table.length ? required : []) {
    if (!Object.hasOwn(table.columns, name)) throw new DocumentError(`${where} lacks the column "${name}".`);
  }
  for (const [name, column] of Object.entries(table.columns)) {
    const values = decode(column, !required.includes(name), `${where}.${name}`);
    if (values.length !== table.length) {
      throw new DocumentError(`${where}.${name} has ${values.length} of ${table.length} values.`);
    }
    for (const value of distinct(column, values)) if (value !== undefined) verify(name, value);
    for (let i = 0; i < values.length; i++) {
      if (values[i] !== undefined) rows[i]![name] = values[i];
      else if (required.includes(name)) throw new DocumentError(`${where}.${name} may not be absent.`);
    }
  }
  return rows;
}
