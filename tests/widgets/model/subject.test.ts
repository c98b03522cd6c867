import { describe, expect, it } from 'vitest';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { forwardSubject } from '../../../widgets/src/model/forward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import type { Subject } from '../../../widgets/src/model/subject.js';
import { parse } from '../../../widgets/src/document/parse.js';
import { golden, model, type Loose } from '../support/goldens.js';

/** `from>to` by name, in order. */
function named(subject: Subject): string[] {
  return subject.links.all.map(
    link => `${subject.vertices.at(link.from).name}>${subject.vertices.at(link.to).name}`,
  );
}

describe('the backward graph', () => {
  it('runs from the output along next_functions to the leaves', () => {
    const subject = backwardSubject(model('small'));
    expect(named(subject).sort()).toEqual([
      'MulBackward0>x',
      'MulBackward0>x',
      'SumBackward0>MulBackward0',
      'y>SumBackward0',
    ]);
    const output = subject.vertices.all.find(vertex => vertex.kind === 'output')!;
    expect(output).toMatchObject({ name: 'y', note: '14' });
    const leaf = subject.vertices.all.find(vertex => vertex.kind === 'leaf')!;
    expect(leaf).toMatchObject({ name: 'x', note: 'AccumulateGrad · [3]' });
  });

  it('numbers the ports in the order of next_functions', () => {
    const subject = backwardSubject(model('small'));
    const ports = subject.links.all.filter(link => subject.vertices.at(link.from).name === 'MulBackward0');
    expect(ports.map(link => [link.port, link.ports])).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });

  it('draws a leaf with many users once a use', () => {
    const subject = backwardSubject(model('columnar'));
    const uses = subject.vertices.all.filter(vertex => vertex.name === 'w');
    expect(uses).toHaveLength(999);
    expect(uses[0]!.use).toEqual({ number: 1, of: 999 });
    expect(new Set(uses.map(vertex => vertex.key)).size).toBe(999);
  });

  it('draws a leaf once a turn where a loop uses it in the first and the last', () => {
    const document = golden('digits');
    // The parameters' AccumulateGrad live on: both turns lead to the same.
    const twins = new Map([
      [5497, 8],
      [5498, 9],
      [5499, 10],
      [5500, 11],
    ]);
    document.nodes = document.nodes.filter((node: Loose) => !twins.has(node.id));
    for (const node of document.nodes)
      if (node.variable !== undefined) (delete node.repeat, delete node.turn);
    for (const edge of document.edges) edge.to = twins.get(edge.to) ?? edge.to;
    const subject = backwardSubject(new GraphModel(parse(document).document));
    const uses = subject.vertices.all.filter(vertex => vertex.name === 'model.0.bias');
    expect(uses.map(vertex => [vertex.use?.of, vertex.repeat?.turn])).toEqual([
      [2, 0],
      [2, 499],
    ]);
  });

  it('shows the op that raised above the history of its inputs', () => {
    const subject = backwardSubject(model('exception'));
    expect(subject.vertices.all.find(vertex => vertex.kind === 'failed')!.name).toBe('matmul');
    expect(named(subject)).toContain('matmul>ReluBackward0');
    expect(named(subject)).toContain('matmul>w2');
  });

  it('marks what a finding is about', () => {
    const subject = backwardSubject(model('inplace'));
    expect(subject.vertices.all.find(vertex => vertex.name === 'ExpBackward0')!.finding).toBe('error');
    expect(subject.vertices.all.find(vertex => vertex.name === 'SumBackward0')!.finding).toBeUndefined();
  });

  it('knows what is freed, and counts what is saved twice once', () => {
    const mul = backwardSubject(model('small')).vertices.all.find(vertex => vertex.name === 'MulBackward0')!;
    expect(mul).toMatchObject({ freed: true, savedBytes: 12 });
  });
});

describe('the forward trace', () => {
  it('runs from inputs through ops to results; an op in place takes its tensor over', () => {
    const subject = forwardSubject(model('inplace'));
    expect(named(subject)).toEqual(
      expect.arrayContaining([
        'a>exp',
        'exp>slice',
        'slice>mul_',
        'exp>add_',
        'add_>mul',
        'mul>sum',
        'sum>loss',
      ]),
    );
  });

  it('marks the op that raised', () => {
    const subject = forwardSubject(model('exception'));
    expect(
      subject.vertices.all.filter(vertex => vertex.kind === 'failed').map(vertex => vertex.name),
    ).toEqual(['matmul']);
  });

  it('is empty where nothing was recorded', () => {
    const document = golden('small');
    expect(forwardSubject(new GraphModel(parse(document).document)).vertices.all).toEqual([]);
  });
});
