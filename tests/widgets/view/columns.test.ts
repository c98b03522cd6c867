// @vitest-environment jsdom
/** A large document stays in columns: what is shown first asks for few rows and few vertices, whatever the graph. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Table } from '../../../widgets/src/document/table.js';
import { Vertices } from '../../../widgets/src/model/vertices.js';
import { chain, hub, rnn, transformer } from '../../bench/graphs/index.js';
import { press, show } from '../support/shown.js';

const FEW = 200;

afterEach(() => vi.restoreAllMocks());

describe.each([
  ['a transformer', transformer(4000)],
  ['a chain that does not repeat', chain(4000)],
  ['shared parameters', rnn(1001)],
  ['a hub', hub(4000)],
])('%s', (_, document) => {
  const made = () => {
    const row = vi.spyOn(Table.prototype, 'row');
    const all = vi.spyOn(Table.prototype, 'rows', 'get');
    const vertex = vi.spyOn(Vertices.prototype, 'at');
    return {
      rows: () => row.mock.calls.length,
      vertices: () => vertex.mock.calls.length,
      // Tables of a few rows may be read as they are.
      wholes: () => all.mock.contexts.map(table => (table as Table).length).filter(length => length > FEW),
    };
  };

  it('is shown, searched for a finding and walked without its rows', () => {
    const asked = made();
    const element = show(document);
    press(element, 'ArrowDown', 'ArrowDown', 'N', 'Escape');
    expect(element.querySelectorAll('[role=row]').length).toBeGreaterThan(3);
    expect(asked.wholes()).toEqual([]);
    expect(asked.rows()).toBeLessThan(FEW);
    expect(asked.vertices()).toBeLessThan(2 * FEW);
  });
});
