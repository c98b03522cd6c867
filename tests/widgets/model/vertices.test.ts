import { describe, expect, it } from 'vitest';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { forwardSubject } from '../../../widgets/src/model/forward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import type { Subject } from '../../../widgets/src/model/subject.js';
import { Vertices, type Columns } from '../../../widgets/src/model/vertices.js';
import { parse } from '../../../widgets/src/document/parse.js';
import { rnn, transformer } from '../../bench/graphs/index.js';
import { model, GOLDENS } from '../support/goldens.js';

const SUBJECTS: [string, () => Subject][] = [
  ...GOLDENS.flatMap((name): [string, () => Subject][] => [
    [`${name}, backward`, () => backwardSubject(model(name))],
    [`${name}, forward`, () => forwardSubject(model(name))],
  ]),
  ['a transformer', () => backwardSubject(new GraphModel(parse(transformer(500)).document))],
  ['shared parameters', () => backwardSubject(new GraphModel(parse(rnn(200)).document))],
];

/** Columns as one row a vertex, with texts in place of their codes. */
function rows(columns: Columns): unknown[] {
  const { names, shapes, modules, ...plain } = columns;
  return Array.from(columns.kind, (_, at) => ({
    ...Object.fromEntries(Object.entries(plain).map(([name, values]) => [name, values[at]])),
    name: names.all[columns.name[at]!],
    shape: shapes.all[columns.shape[at]!],
    module: modules[columns.module[at]!],
  }));
}

describe.each(SUBJECTS)('the vertices of %s', (_, subject) => {
  const { vertices } = subject();

  it('are the same in columns and one by one', () => {
    expect(rows(Vertices.of(vertices.all).columns)).toEqual(rows(vertices.columns));
  });

  it('have keys of their own, by which they are found', () => {
    expect(vertices.all.map(({ key }) => vertices.indexOf(key))).toEqual([...vertices.all.keys()]);
    expect(vertices.all.map((_, at) => vertices.key(at))).toEqual(vertices.all.map(({ key }) => key));
    expect(vertices.indexOf('n-1')).toBe(-1);
  });

  it('are made once', () => {
    for (let at = 0; at < vertices.length; at++) expect(vertices.at(at)).toBe(vertices.at(at));
  });

  it('tell their families', () => {
    const families = vertices.all.flatMap(({ family }) => family ?? []);
    expect([...vertices.families].sort()).toEqual([...new Set(families)].sort());
  });
});
