/**
 * A table of the document, read by column or by row. A large table came as columns and stays so: rows are made for
 * those who ask for them, and what walks over all of a table reads columns. A small one came as rows, and its columns
 * are made when asked for.
 */
import type { Values } from './columns.js';
import { bounds, firstOfRun, type Codes, type NumberArray } from './numbers.js';

/** Values by a code: those that come again and again are told apart by number. -1 is absent. */
export interface Coded {
  values: unknown[];
  index: Codes;
}

export interface Lists {
  start: Int32Array;
  items: NumberArray;
}

const ABSENT = -1;

export class Table<Row extends object = object> {
  private made: Row[] | undefined;
  private readonly known = new Map<string, Values>();
  private places: Places | undefined;

  private constructor(
    readonly length: number,
    private readonly columns: Map<string, Values> | undefined,
    rows: Row[] | undefined,
  ) {
    this.made = rows;
  }

  static ofRows<Row extends object>(rows: Row[]): Table<Row> {
    return new Table(rows.length, undefined, rows);
  }

  static ofColumns<Row extends object>(length: number, columns: Map<string, Values>): Table<Row> {
    return new Table<Row>(length, columns, undefined);
  }

  get rows(): Row[] {
    this.made ??= Array.from({ length: this.length }, (_, i) => this.row(i));
    return this.made;
  }

  row(i: number): Row {
    if (this.made) return this.made[i]!;
    const row: Record<string, unknown> = {};
    for (const [name, values] of this.columns!) {
      const value = valueAt(values, i);
      if (value !== undefined) row[name] = value;
    }
    return row as Row;
  }

  /** One member of one row; undefined is absent. */
  value<Name extends keyof Row & string>(i: number, name: Name): Row[Name] | undefined {
    if (this.made) return this.made[i]![name];
    const values = this.columns!.get(name);
    return values && (valueAt(values, i) as Row[Name] | undefined);
  }

  /** A member that is a number and never negative; -1 is absent. */
  numbers(name: keyof Row & string): NumberArray {
    return this.column(name, 'numbers', () => {
      if (this.lacks(name))
        return { kind: 'numbers', numbers: new Int32Array(this.length).fill(ABSENT), optional: true };
      const numbers = new Float64Array(this.length).fill(ABSENT);
      const given = this.columns?.get(name);
      if (given?.kind === 'coded' && given.values.every(value => typeof value === 'number')) {
        for (let i = 0; i < this.length; i++)
          if (given.index[i]! >= 0) numbers[i] = given.values[given.index[i]!] as number;
        return { kind: 'numbers', numbers, optional: true };
      }
      for (let i = 0; i < this.length; i++) {
        const value = this.value(i, name);
        if (typeof value === 'number') numbers[i] = value;
      }
      return { kind: 'numbers', numbers, optional: true };
    }).numbers;
  }

  /** A member of any kind. Objects that came as rows are all different. */
  coded(name: keyof Row & string): Coded {
    return this.column(name, 'coded', () => {
      const codes = new Map<unknown, number>();
      const index = new Int32Array(this.length).fill(ABSENT);
      if (this.lacks(name)) return { kind: 'coded', values: [], index };
      for (let i = 0; i < this.length; i++) {
        const value = this.value(i, name);
        if (value === undefined) continue;
        let code = codes.get(value);
        if (code === undefined) codes.set(value, (code = codes.size));
        index[i] = code;
      }
      return { kind: 'coded', values: [...codes.keys()], index };
    });
  }

  /** A member that is a list of numbers; absent is empty. */
  lists(name: keyof Row & string): Lists {
    return this.column(name, 'lists', () => {
      const start = new Int32Array(this.length + 1);
      const items: number[] = [];
      if (this.lacks(name)) return { kind: 'lists', start, items: new Int32Array() };
      for (let i = 0; i < this.length; i++) {
        for (const item of (this.value(i, name) as number[] | undefined) ?? []) items.push(item);
        start[i + 1] = items.length;
      }
      return { kind: 'lists', start, items: Float64Array.from(items) };
    });
  }

  /** Whether no row can have a member. */
  private lacks(name: string): boolean {
    return this.columns !== undefined && !this.columns.has(name);
  }

  private column<Kind extends Values['kind']>(
    name: string,
    kind: Kind,
    make: () => Extract<Values, { kind: Kind }>,
  ): Extract<Values, { kind: Kind }> {
    const given = this.columns?.get(name) ?? this.known.get(`${kind} ${name}`);
    if (given?.kind === kind) return given as Extract<Values, { kind: Kind }>;
    const before = this.known.get(`${kind} ${name}`);
    if (before) return before as Extract<Values, { kind: Kind }>;
    const made = make();
    this.known.set(`${kind} ${name}`, made);
    return made;
  }

  /** The row with an id, or -1. */
  find(id: number | undefined): number {
    if (id === undefined) return -1;
    const places = this.byId;
    if (typeof places === 'number') return this.rowAfter(id - places);
    return (places instanceof Int32Array ? places[id] : places.get(id)) ?? -1;
  }

  private rowAfter(row: number): number {
    return row >= 0 && row < this.length && Number.isInteger(row) ? row : ABSENT;
  }

  /** An id that more than one row has. */
  get repeated(): number | undefined {
    if (typeof this.byId === 'number') return undefined;
    const ids = this.numbers('id' as keyof Row & string);
    const rows = this.findAll(ids);
    for (let i = 0; i < rows.length; i++) if (rows[i] !== i) return ids[i];
    return undefined;
  }

  /** Whether there is a row with each of the ids. */
  hasAll(ids: NumberArray): boolean {
    const places = this.byId;
    if (typeof places === 'number')
      return bounds(ids, false).every(id => id >= places && id < places + this.length);
    return !this.findAll(ids).includes(-1);
  }

  /** The rows with some ids, -1 where there is none: as `find`, for very many. */
  findAll(ids: ArrayLike<number>): Int32Array {
    const places = this.byId;
    const found = new Int32Array(ids.length);
    if (typeof places === 'number')
      for (let i = 0; i < found.length; i++) found[i] = this.rowAfter(ids[i]! - places);
    else if (places instanceof Int32Array)
      for (let i = 0; i < found.length; i++) found[i] = places[ids[i]!] ?? -1;
    else for (let i = 0; i < found.length; i++) found[i] = places.get(ids[i]!) ?? -1;
    return found;
  }

  private get byId(): Places {
    return (this.places ??= byNumber(this.numbers('id' as keyof Row & string)));
  }

  /** Some of the rows. */
  take(kept: ArrayLike<number>): Table<Row> {
    if (this.made) return Table.ofRows(Array.from(kept, i => this.made![i]!));
    const columns = new Map([...this.columns!].map(([name, values]) => [name, taken(values, kept)] as const));
    return Table.ofColumns(kept.length, columns);
  }
}

/** As the list form spells it: what JSON has no number for is a word. */
export function spell(value: number): number | string {
  return Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

function valueAt(values: Values, i: number): unknown {
  switch (values.kind) {
    case 'numbers': {
      const value = values.numbers[i]!;
      return values.optional && value === ABSENT ? undefined : spell(value);
    }
    case 'coded':
      return values.index[i]! < 0 ? undefined : values.values[values.index[i]!];
    case 'lists':
      return Array.from(values.items.subarray(values.start[i], values.start[i + 1]));
    case 'plain':
      return values.values[i] ?? undefined;
  }
}

function taken(values: Values, kept: ArrayLike<number>): Values {
  switch (values.kind) {
    case 'numbers':
      return { ...values, numbers: Float64Array.from(kept, i => values.numbers[i]!) };
    case 'coded':
      return { ...values, index: Int32Array.from(kept, i => values.index[i]!) };
    case 'lists':
    case 'plain':
      return { kind: 'plain', values: Array.from(kept, i => valueAt(values, i)) };
  }
}

/** The last place of each number: in a plain array where they are dense, their first where each is one more. */
type Places = number | Int32Array | Map<number, number>;

function byNumber(numbers: NumberArray): Places {
  const first = firstOfRun(numbers);
  if (first !== undefined && first >= 0) return first;
  let most = 0;
  for (let i = 0; i < numbers.length; i++) if (numbers[i]! > most) most = numbers[i]!;
  if (most > 4 * numbers.length + 1024) return new Map(Array.from(numbers, (number, i) => [number, i]));
  const dense = new Int32Array(most + 1).fill(-1);
  for (let i = 0; i < numbers.length; i++) if (numbers[i]! >= 0) dense[numbers[i]!] = i;
  return dense;
}
