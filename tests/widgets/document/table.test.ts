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
