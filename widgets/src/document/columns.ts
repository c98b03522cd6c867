/**
 * The columnar form of a table: each member of the rows is one column, by one of five encodings. Encodings and
 * number types are closed for all of major 1, so an unknown one is an error, not a thing to skip. Reading decodes
 * numbers and checks each value that can differ; it makes no row.
 */
import type { Column, Columns } from '../generated/document.js';
import { DocumentError } from './check.js';
import { bounds, decodeNumbers, isObject, type NumberArray } from './numbers.js';
import { spell, Table } from './table.js';

/** The values of a column by row. Absent is -1 in optional numbers and in an index, null or undefined in a plain list. */
export type Values =
  | { kind: 'numbers'; numbers: NumberArray; optional: boolean }
  | { kind: 'coded'; values: unknown[]; index: Int32Array }
  | { kind: 'lists'; start: Int32Array; items: NumberArray }
  | { kind: 'plain'; values: unknown[] };

function decode(column: Column, optional: boolean, where: string, length: number): Values {
  if (!isObject(column)) throw new DocumentError(`${where} has to be a column.`);
  switch (column.encoding) {
    case 'plain':
      return { kind: 'plain', values: listIn(column.values, `${where}.values`) };
    case 'dictionary': {
      const values = listIn(column.values, `${where}.values`);
      const index = asIndex(decodeNumbers(column.index, `${where}.index`, length));
      for (let i = 0; i < index.length; i++) {
        const code = index[i]!;
        if (code >= values.length || code < -1)
          throw new DocumentError(`${where}.index: ${code} is past the ${values.length} values.`);
      }
      return { kind: 'coded', values, index };
    }
    case 'lists': {
      const items = decodeNumbers(column.values, `${where}.values`);
      const lengths = decodeNumbers(column.lengths, `${where}.lengths`, length);
      const start = new Int32Array(lengths.length + 1);
      let at = 0;
      for (let i = 0; i < lengths.length; i++) {
        if (!(lengths[i]! >= 0)) throw new DocumentError(`${where}.lengths: ${lengths[i]} is no length.`);
        start[i + 1] = at += lengths[i]!;
      }
      if (at !== items.length)
        throw new DocumentError(`${where}: lengths add up to ${at}, not to ${items.length}.`);
      return { kind: 'lists', start, items };
    }
    case 'binary':
    case 'runs':
      return { kind: 'numbers', numbers: decodeNumbers(column, where, length), optional };
    default:
      throw new DocumentError(
        `${where}.encoding has to be plain, binary, runs, dictionary or lists, not ${JSON.stringify((column as { encoding: unknown }).encoding)}.`,
      );
  }
}

function asIndex(numbers: NumberArray): Int32Array {
  if (numbers instanceof Int32Array) return numbers;
  const index = new Int32Array(numbers.length);
  index.set(numbers);
  return index;
}

function listIn(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw new DocumentError(`${where} has to be a list.`);
  return value;
}

const lengthOf = (values: Values): number =>
  values.kind === 'numbers'
    ? values.numbers.length
    : values.kind === 'coded'
      ? values.index.length
      : values.kind === 'lists'
        ? values.start.length - 1
        : values.values.length;

/** The values that the check has to see: of numbers in a row between two bounds, those bounds. */
function* distinct(values: Values): Iterable<unknown> {
  if (values.kind === 'coded') yield* values.values;
  else if (values.kind === 'plain') {
    for (const value of values.values) if (value !== null && value !== undefined) yield value;
  } else {
    const numbers = values.kind === 'lists' ? values.items : values.numbers;
    const range = bounds(numbers, values.kind === 'numbers' && values.optional);
    for (const value of range) yield values.kind === 'lists' ? [spell(value)] : spell(value);
    if (values.kind === 'lists') yield* extremes(values);
  }
}

/** The shortest list and the longest. */
function* extremes({ start, items }: Extract<Values, { kind: 'lists' }>): Iterable<number[]> {
  let [short, long] = [0, 0];
  const length = (i: number): number => start[i + 1]! - start[i]!;
  for (let i = 1; i + 1 < start.length; i++) {
    if (length(i) < length(short)) short = i;
    if (length(i) > length(long)) long = i;
  }
  if (start.length < 2) return;
  for (const i of [short, long]) yield Array.from(items.subarray(start[i], start[i + 1]));
}

function hasGap(values: Values): boolean {
  if (values.kind === 'coded') return values.index.includes(-1);
  return values.kind === 'plain' && values.values.some(value => value === null || value === undefined);
}

/**
 * Reads a columnar table. `required` are the members that may not be absent; `verify` is called with each value that
 * matters for the rules of a member, so that the rows need not be checked one by one.
 */
export function readColumns(
  table: Columns,
  required: readonly string[],
  where: string,
  verify: (name: string, value: unknown) => void = () => undefined,
): Table<Record<string, unknown>> {
  const { length } = table;
  const columns = new Map<string, Values>();
  for (const name of length ? required : []) {
    if (!Object.hasOwn(table.columns, name)) throw new DocumentError(`${where} lacks the column "${name}".`);
  }
  for (const [name, column] of Object.entries(table.columns)) {
    const values = decode(column, !required.includes(name), `${where}.${name}`, length);
    if (lengthOf(values) !== length)
      throw new DocumentError(`${where}.${name} has ${lengthOf(values)} of ${length} values.`);
    for (const value of distinct(values)) verify(name, value);
    if (required.includes(name) && hasGap(values))
      throw new DocumentError(`${where}.${name} may not be absent.`);
    columns.set(name, values);
  }
  return Table.ofColumns(length, columns);
}
