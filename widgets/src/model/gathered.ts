/** Vertices of several subjects as those of one. */
import { emptyColumns, Vertices } from './vertices.js';

/** The vertex `at[i]` of `sources[of[i]]`, for each i. */
export function gathered(sources: Vertices[], of: ArrayLike<number>, at: ArrayLike<number>): Vertices {
  const columns = emptyColumns(of.length);
  const codes = (texts: 'names' | 'shapes'): Int32Array[] =>
    sources.map(source => Int32Array.from(source.columns[texts].all, text => columns[texts].of(text)));
  const [names, shapes] = [codes('names'), codes('shapes')];
  const modules: number[] = [];
  for (const source of sources) {
    modules.push(columns.modules.length);
    columns.modules = columns.modules.concat(source.columns.modules);
  }
  const { kind, name, shape, module, repeat, turn, site, time } = columns;
  const { hooks, savedBytes, freed, unknown, finding, table, id } = columns;
  for (let i = 0; i < of.length; i++) {
    const source = sources[of[i]!]!.columns;
    const from = at[i]!;
    kind[i] = source.kind[from]!;
    name[i] = names[of[i]!]![source.name[from]!]!;
    shape[i] = shapes[of[i]!]![source.shape[from]!]!;
    module[i] = source.module[from]! < 0 ? -1 : modules[of[i]!]! + source.module[from]!;
    repeat[i] = source.repeat[from]!;
    turn[i] = source.turn[from]!;
    site[i] = source.site[from]!;
    time[i] = source.time[from]!;
    hooks[i] = source.hooks[from]!;
    savedBytes[i] = source.savedBytes[from]!;
    freed[i] = source.freed[from]!;
    unknown[i] = source.unknown[from]!;
    finding[i] = source.finding[from]!;
    table[i] = source.table[from]!;
    id[i] = source.id[from]!;
  }
  return new Vertices(columns, {
    key: vertex => sources[of[vertex]!]!.key(at[vertex]!),
    note: vertex => sources[of[vertex]!]!.note(at[vertex]!),
    use: vertex => sources[of[vertex]!]!.use(at[vertex]!),
    saved: vertices =>
      sources.reduce((sum, source, s) => {
        const own = Array.from(vertices).filter(vertex => of[vertex] === s);
        return sum + (own.length ? source.saved(own.map(vertex => at[vertex]!)) : 0);
      }, 0),
  });
}
