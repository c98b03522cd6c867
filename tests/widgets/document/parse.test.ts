import { describe, expect, it } from 'vitest';
import { DocumentError, parse, VersionError } from '../../../widgets/src/document/parse.js';
import { golden, GOLDENS, type Loose } from '../support/goldens.js';

describe('parse', () => {
  it.each(GOLDENS)('reads the golden document %s without notices', name => {
    const { document, notices } = parse(golden(name));
    expect(document.nodes.length).toBeGreaterThan(0);
    expect(document.edges.length).toBeGreaterThan(0);
    expect(notices).toEqual([]);
  });

  it('writes columns out as the rows they stand for', () => {
    const { document } = parse(golden('columnar'));
    expect(document.nodes).toHaveLength(2000);
    expect(document.nodes[0]).toMatchObject({
      id: 1,
      name: 'AccumulateGrad',
      variable: 1,
    });
    expect(document.nodes[0]).not.toHaveProperty('op');
    expect(document.nodes[1999]!.name).toBe('TanhBackward0');
    expect(document.ops[0]).toMatchObject({
      name: 'mul',
      inputs: [1, 2],
      site: 1,
    });
    expect(document.saved.every(row => row.state === undefined)).toBe(true);
  });

  it.each([
    [{ dtype: 'float32', shape: [-1] }, 'nodes[0].inputs[0].shape[0] has to be at least 0'],
    [{ dtype: 'float32' }, 'nodes[0].inputs[0] lacks the member "shape"'],
  ])('names the rule of the alternative that was meant: %o', (meta, rule) => {
    const document = golden('small');
    document.nodes[0].inputs = [meta];
    expect(() => parse(document)).toThrow(rule);
  });

  it('tells that a newer minor is newer, and ignores what it does not know', () => {
    const newer = golden('small');
    newer.version = '1.7';
    newer.weather = 'fine';
    newer.nodes[0].colour = 'red';
    newer.nodes[0].state = 'hibernating';
    const { document, notices } = parse(newer);
    expect(notices.join()).toContain('newer Tapescope (format 1.7)');
    expect(document.nodes[0]!.state).toBe('hibernating');
  });

  it('refuses another major version, and says what to do', () => {
    const other = { ...golden('small'), version: '2.0' };
    expect(() => parse(other)).toThrow(VersionError);
    expect(() => parse(other)).toThrow(/format 2\.0.*Install a version that matches/);
  });

  const broken: [string, (document: Loose) => void, RegExp][] = [
    ['a missing table', d => delete d.edges, /lacks the member "edges"/],
    ['a version that is no version', d => (d.version = 'one'), /version has to be "major\.minor", not "one"/],
    ['a node without a name', d => delete d.nodes[1].name, /nodes\[1\] lacks the member "name"/],
    [
      'an id that is a string',
      d => (d.nodes[0].id = 'x'),
      /nodes\[0\]\.id has to be of type integer, not "x"/,
    ],
    ['a negative id', d => (d.nodes[0].id = -1), /nodes\[0\]\.id has to be at least 0/],
    ['an id that comes twice', d => (d.nodes[0].id = d.nodes[1].id), /id \d+ comes twice/],
    ['an edge to nowhere', d => (d.edges[0].to = 999), /edges\[0\] names node 999, which is not in nodes/],
    [
      'null for absent',
      d => (d.nodes[0].site = null),
      /nodes\[0\]\.site has to be of type integer, not null/,
    ],
    [
      'a shape of strings',
      d => (d.tensors[0].shape = ['3']),
      /tensors\[0\]\.shape\[0\] has to be of type integer/,
    ],
    [
      'a name beyond its limit',
      d => (d.nodes[0].name = 'x'.repeat(300)),
      /nodes\[0\]\.name is longer than 256 characters/,
    ],
    ['a table that is a number', d => (d.nodes = 3), /nodes has to be a list of rows or a table of columns/],
  ];
  it.each(broken)('says which rule is broken by %s', (_, change, message) => {
    const document = golden('small');
    change(document);
    expect(() => parse(document)).toThrow(DocumentError);
    expect(() => parse(document)).toThrow(message);
  });

  it.each([
    ['nodes', 131_073, '131,072'],
    ['edges', 524_289, '524,288'],
  ])('refuses %s that claim more rows in a few bytes than a page can draw', (table, length, most) => {
    const document = golden('small');
    document[table as 'nodes'] = { length, columns: {} };
    expect(() => parse(document)).toThrow(
      `${table} has ${length.toLocaleString('en-US')} rows, and at most ${most} are read`,
    );
  });

  it.each([null, 3, 'text', [], undefined])('refuses %s as a document', value => {
    expect(() => parse(value)).toThrow('has to be an object');
  });

  it('drops edges whose node was left out, and only then', () => {
    const document = golden('small');
    document.edges[0].to = 999;
    document.left_out = [{ table: 'nodes', count: 1, reason: 'limit' }];
    expect(parse(document).document.edges).toHaveLength(golden('small').edges.length - 1);
  });
});
