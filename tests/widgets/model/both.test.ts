import { describe, expect, it } from 'vitest';
import { parse } from '../../../widgets/src/document/parse.js';
import { topologicalOrder } from '../../../widgets/src/groups/order.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { bothSubject } from '../../../widgets/src/model/both.js';
import { forwardSubject } from '../../../widgets/src/model/forward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { GOLDENS, golden, type Loose } from '../support/goldens.js';
import { program } from '../support/programs.js';

const DOCUMENTS: [string, () => Loose][] = [
  ...GOLDENS.map((name): [string, () => Loose] => [name, () => golden(name)]),
  ...Array.from({ length: 30 }, (_, i): [string, () => Loose] => [
    `program ${i}`,
    () => program(i + 1, 4 + 3 * i),
  ]),
];

describe.each(DOCUMENTS)('trace and graph in one, of %s', (_, document) => {
  const model = new GraphModel(parse(document()).document);
  const both = bothSubject(model);
  const [forward, backward] = [forwardSubject(model), backwardSubject(model)];
  const { vertices, links, sides } = both;
  const { up, partner, units, members } = sides!;
  const all = vertices.all;

  it('has every op and every node, once each', () => {
    const refs = (table: string): number[] =>
      all.flatMap(({ ref, use }) => (ref?.table === table && (use?.number ?? 1) === 1 ? [ref.id] : []));
    expect(refs('ops').sort((a, b) => a - b)).toEqual(model.document.ops.map(({ id }) => id).sort((a, b) => a - b));
    expect(refs('nodes').sort((a, b) => a - b)).toEqual(
      model.document.nodes.map(({ id }) => id).sort((a, b) => a - b),
    );
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
  }); // prettier-ignore

  it('has an op beside the node that it made', () => {
    partner.forEach((other, at) => {
      if (other < 0) return;
      expect(partner[other]).toBe(at);
      expect(model.partner(all[at]!.key) ?? model.partner(all[other]!.key)).toBeDefined();
    });
    const made = model.document.ops.filter(({ id }) => model.nodeOfOp.has(id));
    const paired = all.filter(({ ref }, at) => ref?.table === 'ops' && partner[at]! >= 0);
    expect(paired.map(({ ref }) => ref!.id).sort()).toEqual(made.map(({ id }) => id).sort());
  });

  it('has each link of the trace, and each of the graph turned round', () => {
    const raised = new Set(backward.vertices.all.flatMap(({ kind, key }) => (kind === 'failed' ? [key] : [])));
    const ofGraph = backward.links.all
      .filter(({ from }) => !raised.has(backward.vertices.key(from)))
      .map(({ from, to }) => `${backward.vertices.key(to)} ${backward.vertices.key(from)}`);
    const turned = links.all.filter((_, i) => up[i]).map(({ from, to }) => `${all[from]!.key} ${all[to]!.key}`);
    expect(turned.sort()).toEqual(ofGraph.sort());
    const down = links.all.filter((_, i) => !up[i] && all[links.from[i]!]!.kind !== 'output');
    expect(down.length).toBeGreaterThanOrEqual(forward.links.length);
  }); // prettier-ignore

  it('has one leaf for a tensor and its gradient, where one op reads it and its node leads to it', () => {
    links.all.forEach(({ from, to }, i) => {
      if (up[i] || all[from]!.kind !== 'leaf' || all[from]!.ref!.table !== 'tensors') return;
      const tensor = all[from]!.ref!.id;
      const node = partner[to]!;
      const accumulators = links.all.flatMap((link, k) =>
        up[k] && link.to === node && all[link.from]!.kind === 'leaf' ? [all[link.from]!.ref!.id] : [],
      );
      expect(accumulators.map(id => model.nodes.get(id)!.variable)).not.toContain(tensor);
    });
  });

  it('has each output once, led to from its op and leading to its node', () => {
    const outputs = all.filter(({ kind }) => kind === 'output').map(({ ref }) => ref!.id);
    expect(new Set(outputs).size).toBe(outputs.length);
    links.all.forEach((link, i) => {
      if (!up[i] || all[link.to]!.kind !== 'output' || partner[link.from]! < 0) return;
      expect(links.all.some((other, k) => !up[k] && other.to === link.to)).toBe(true);
    });
  });

  it('is in the order of time, with partners as one', () => {
    const before = units.links.length;
    const order = topologicalOrder(units);
    expect(order).toHaveLength(members.length);
    expect(units.links).toHaveLength(before);
    expect(members.flat().sort((a, b) => a - b)).toEqual(Array.from(all.keys()));
  });
});

describe('what both sides hold', () => {
  it('is what the graph holds: memory that two saved variables share is counted once', () => {
    const document = golden('digits');
    for (const tensor of document.tensors) tensor.storage = 1;
    const model = new GraphModel(parse(document).document);
    const [both, graph] = [bothSubject(model).vertices, backwardSubject(model).vertices];
    const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
    expect(both.saved(all(both.length))).toBe(graph.saved(all(graph.length)));
    expect(both.saved(all(both.length))).toBeLessThan(both.columns.savedBytes.reduce((a, b) => a + b, 0));
  });
});

describe('what is in the trace alone', () => {
  it('is a leaf that needs no gradient, an op that made no node, an output that has no history', () => {
    const document = program(1, 2);
    for (const table of ['nodes', 'edges']) document[table] = [];
    for (const tensor of document.tensors) delete tensor.grad_fn;
    const { vertices, sides } = bothSubject(new GraphModel(parse(document).document));
    expect(sides!.partner.every(partner => partner < 0)).toBe(true);
    expect(sides!.up.every(up => up === 0)).toBe(true);
    expect(vertices.all.every(({ ref }) => ref!.table !== 'nodes')).toBe(true);
  });
});
