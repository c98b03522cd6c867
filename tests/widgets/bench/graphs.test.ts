import { describe, expect, it } from 'vitest';
import { LARGE, rnn, SMALL, transformer } from '../../bench/graphs/index.js';
import { parse } from '../../../widgets/src/document/parse.js';

describe('the graphs of the benchmarks', () => {
  it.each(Object.keys(SMALL))('%s: a valid document of at most 1,000 nodes', name => {
    const { document } = parse(SMALL[name]!());
    expect(document.nodes.length).toBeLessThanOrEqual(1000);
    expect(document.edges.length).toBeGreaterThan(0);
  });

  it('are the same each time', () => {
    const make = LARGE['RNN, 1,001 nodes']!;
    expect(JSON.stringify(make())).toBe(JSON.stringify(make()));
  });

  it('the RNN has 8 parameters that all steps share', () => {
    const { document } = parse(rnn(1001));
    expect(document.nodes).toHaveLength(1001);
    expect(document.nodes.filter(node => node.variable !== undefined)).toHaveLength(8);
  });

  it('the transformer has about as many nodes as asked for, its parameters in modules', () => {
    const { document } = parse(transformer(10_000));
    expect(Math.abs(document.nodes.length - 10_000)).toBeLessThan(50);
    expect(document.modules.length).toBeGreaterThan(1000);
  });
});
