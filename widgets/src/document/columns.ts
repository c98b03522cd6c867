/**
 * The columnar form of a table: each member of the rows is one column, by one of five encodings. Encodings and
 * number types are closed for all of major 1, so an unknown one is an error, not a thing to skip. Reading decodes
 * numbers and checks each value that can differ; it makes no row.
 */
import type { Column, Columns } from '../generated/document.js';
import { DocumentError } from './check.js';
import {
  bounds,
  decodeCodes,
  decodeNumbers,
  extent,
  isObject,
  type Codes,
  type NumberArray,
} from './numbers.js';
import { spell, Table } from './table.js';

/** The values of a column by row. Absent is -1 in optional numbers and in an index, null or undefined in a plain list. */
export type Values =
  | { kind: 'numbers'; numbers: NumberArray; optional: boolean }
  | { kind: 'coded'; values: unknown[]; index: Codes }
  | { kind: 'lists'; start: Int32Array; items: NumberArray }
  | { kind: 'plain'; values: unknown[] };

function decode(column: Column, optional: boolean, where: string, length: number): Values {
  if (!isObject(column)) throw new DocumentError(`${where} has to be a column.`);
  switch (column.encoding) {
    case 'plain':
      return { kind: 'plain', values: listIn(column.values, `${where}.values`) };
    case 'dictionary': {
      const values = listIn(column.values, `${where}.values`);
      const index = decodeCodes(column.index, `${where}.index`, length);
      const wrong = wrongCode(index, values.length);
      if (wrong !== undefined)
        throw new DocumentError(`${where}.index: ${wrong} is past the ${values.length} values.`);
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

/** The first of the codes that is not -1 and not below `end`; undefined: all are one or the other. */
function wrongCode(codes: Codes, end: number): number | undefined {
  // Of 32 bits: one loop for all columns is compiled once.
  const [low, high] = extent(codes instanceof Int32Array ? codes : new Int32Array(codes), NaN);
  return low < -1 || high >= end ? codes.find(code => code < -1 || code >= end) : undefined;
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
function distinct(values: Values): unknown[] {
  switch (values.kind) {
    case 'coded':
      return values.values;
    case 'plain':
      return values.values.filter(value => value !== null && value !== undefined);
    case 'numbers':
      return bounds(values.numbers, values.optional).map(spell);
    case 'lists':
      return [...bounds(values.items, false).map(value => [spell(value)]), ...extremes(values)];
  }
}

/** The shortest list and the longest. */
function extremes({ start, items }: Extract<Values, { kind: 'lists' }>): number[][] {
  if (start.length < 2) return [];
  let [short, long] = [0, 0];
  let [least, most] = [start[1]!, start[1]!];
  for (let i = 1; i + 1 < start.length; i++) {
    const length = start[i + 1]! - start[i]!;
    if (length < least) [short, least] = [i, length];
    else if (length > most) [long, most] = [i, length];
  }
  return [short, long].map(i => Array.from(items.subarray(start[i], start[i + 1])));
}

function hasGap(values: Values): boolean {
  if (values.kind === 'coded') return values.index.includes(-1);
  return values.kind === 'plain' && values.values.some(value => value === null || value === undefined);
}

/**
 * Reads a columnar table. `required` are the members that may not be absent; `verify` is called with the values that
 * matter for the rules of a member, so that the rows need not be checked one by one.
 */
export function readColumns(
  table: Columns,
  required: readonly string[],
  where: string,
  verify: (name: string, values: unknown[]) => void = () => undefined,
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
    verify(name, distinct(values));
    if (required.includes(name) && hasGap(values))
      throw new DocumentError(`${where}.${name} may not be absent.`);
    columns.set(name, values);
  }
  return Table.ofColumns(length, columns);
}
