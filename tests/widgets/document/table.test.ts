import { describe, expect, it } from 'vitest';
import { readColumns } from '../../../widgets/src/document/columns.js';
import { Table } from '../../../widgets/src/document/table.js';
import { columns } from '../../bench/graphs/sheet.js';

const ROWS = Array.from({ length: 40 }, (_, i) => ({
  id: 100 + 3 * i,
  name: `op${i % 4}`,
  ...(i % 3 ? { site: i } : {}),
  inputs: [i, i + 1].slice(0, i % 3),
}));

describe.each([
  ['rows', Table.ofRows(ROWS)],
  ['columns', readColumns(columns(ROWS) as never, ['id', 'name'], 't') as unknown as typeof asRows],
])('a table that came as %s', (_, table) => {
  it('gives rows', () => {
    expect(table.rows).toEqual(ROWS);
    expect(table.row(7)).toEqual(ROWS[7]);
  });

  it('gives columns', () => {
    expect([...table.numbers('site')]).toEqual(ROWS.map(row => row.site ?? -1));
    const { values, index } = table.coded('name');
    expect(Array.from(index, code => values[code])).toEqual(ROWS.map(row => row.name));
    const { start, items } = table.lists('inputs');
    expect(ROWS.map((_, i) => [...items.slice(start[i], start[i + 1])])).toEqual(ROWS.map(row => row.inputs));
  });

  it('finds rows by id', () => {
    expect(table.find(106)).toBe(2);
    expect([table.find(107), table.find(-1), table.find(undefined)]).toEqual([-1, -1, -1]);
    expect(table.value(2, 'name')).toBe('op2');
  });

  it('takes some of the rows', () => {
    expect(table.take([5, 0]).rows).toEqual([ROWS[5], ROWS[0]]);
  });
});

describe.each([
  ['one more each', [7, 8, 9, 10]],
  ['close together', [7, 9, 10, 8]],
  ['far apart', [7, 900_000, 8, 9]],
])('ids that are %s', (_, ids) => {
  const rows = ids.map(id => ({ id }));
  const asked = Int32Array.from([8, 6, -1, 11, 7, 2_000_000]);
  const expected = Array.from(asked, id => ids.indexOf(id));

  it.each([
    ['rows', Table.ofRows(rows)],
    ['columns', readColumns(columns(rows) as never, ['id'], 't') as unknown as Table<{ id: number }>],
  ])('are found, given as %s', (_, table) => {
    expect([...table.findAll(asked)]).toEqual(expected);
    expect(Array.from(asked, id => table.find(id))).toEqual(expected);
    expect(table.find(7.5)).toBe(-1);
    expect(table.hasAll(Int32Array.from(ids).reverse())).toBe(true);
    expect(table.hasAll(new Int32Array())).toBe(true);
    for (const id of [6, -1, 11]) expect(table.hasAll(Int32Array.from([8, id]))).toBe(false);
    expect(table.repeated).toBeUndefined();
  });
});

it('an id that comes twice is told', () => {
  const rows = [4, 5, 6, 5].map(id => ({ id }));
  expect(Table.ofRows(rows).repeated).toBe(5);
});

describe('runs of optional numbers', () => {
  it('may begin or end with one that is absent', () => {
    const table = {
      length: 4,
      columns: { m: { encoding: 'runs', runs: [[2, -1, 8], [2, 3, -4]] } },
    }; // prettier-ignore
    const seen: unknown[] = [];
    readColumns(table as never, [], 't', (_, values) => seen.push(...values));
    expect(seen).toEqual([3, 7]);
  });
});

const asRows = Table.ofRows(ROWS);
