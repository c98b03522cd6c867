import { describe, expect, it } from 'vitest';
import { parse } from '../../../widgets/src/document/parse.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { bothSubject } from '../../../widgets/src/model/both.js';
import { forwardSubject } from '../../../widgets/src/model/forward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { stripsOf, type Strip } from '../../../widgets/src/model/torn.js';
import { chain, golden, type Loose } from '../support/goldens.js';

function strips(document: Loose, direction: 'backward' | 'forward' = 'backward'): Strip[] {
  const model = new GraphModel(parse(document).document);
  return stripsOf(direction === 'backward' ? backwardSubject(model) : forwardSubject(model), model);
}

describe('where the picture is torn', () => {
  it('says how many turns lie between those that were kept, the later above', () => {
    const model = new GraphModel(parse(golden('digits')).document);
    const subject = backwardSubject(model);
    const [strip, ...more] = stripsOf(subject, model);
    expect(more).toEqual([]);
    expect(strip!.vertex).toMatchObject({ kind: 'torn', name: '498 turns left out', ref: undefined });
    const turns = (side: number[]): Set<number> =>
      new Set(side.map(at => subject.vertices.at(at).repeat!.turn));
    expect(turns(strip!.above)).toEqual(new Set([499]));
    expect(turns(strip!.below)).toEqual(new Set([0]));
    expect(strip!.words[0]).toContain('Turns 2 to 499 of 500 are not drawn');
  });

  it('has the first turn above in the forward trace', () => {
    const model = new GraphModel(parse(golden('digits')).document);
    const subject = forwardSubject(model);
    const [strip] = stripsOf(subject, model);
    expect(subject.vertices.at(strip!.above[0]!).repeat!.turn).toBe(0);
  });

  it('has it above beside the backward graph too, and the nodes that were cut below', () => {
    const document = golden('digits');
    document.left_out.push({ table: 'nodes', count: 7, reason: 'limit' });
    const [id] = document.nodes.map((node: Loose) => node.id);
    document.edges.push({ from: id, to: 99_999 });
    const model = new GraphModel(parse(document).document);
    const subject = bothSubject(model);
    const [turns, nodes] = stripsOf(subject, model);
    expect(turns!.above.map(at => subject.vertices.at(at).repeat!.turn)).toContain(0);
    expect(turns!.above.map(at => subject.vertices.at(at).repeat!.turn)).not.toContain(499);
    expect(nodes!.above).toEqual([]);
    expect(nodes!.below.map(at => subject.vertices.at(at).ref!.id)).toEqual([id]);
    expect(nodes!.words[0]).toContain('The graph goes on above');
  });

  it('speaks of one turn in the singular', () => {
    const document = golden('digits');
    for (const row of [...document.nodes, ...document.ops]) if (row.turn === 499) row.turn = 2;
    document.repeats[0].count = 3;
    const [strip] = strips(document);
    expect(strip!.vertex.name).toBe('1 turn left out');
    expect(strip!.words[0]).toContain('Turn 2 of 3 is not drawn');
  });

  it('has a strip below the nodes whose edges were cut', () => {
    const document = chain(4);
    document.nodes = document.nodes.filter((node: Loose) => node.id > 1);
    document.left_out = [{ table: 'nodes', count: 98_200, reason: 'limit' }];
    const [strip] = strips(document);
    expect(strip!.vertex.name).toBe('98,200 nodes left out');
    expect(strip!.above).toHaveLength(1);
    expect(strip!.below).toEqual([]);
    expect(strip!.words[0]).toContain('98,200 of 98,203 nodes');
  });

  it('guesses no place that the document does not know', () => {
    const document = chain(4);
    document.left_out = [{ table: 'nodes', count: 9, reason: 'limit' }];
    expect(strips(document)).toEqual([]);
    expect(strips(golden('small'))).toEqual([]);
  });
});
