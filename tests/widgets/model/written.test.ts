import { describe, expect, it } from 'vitest';
import { parse } from '../../../widgets/src/document/parse.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { facts } from '../../../widgets/src/model/facts.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { writtenSince } from '../../../widgets/src/model/written.js';
import { golden, type Loose } from '../support/goldens.js';

const modelOf = (document: Loose): GraphModel => new GraphModel(parse(document).document);
const names = (document: Loose): string[] => {
  const model = modelOf(document);
  return writtenSince(model).map(row => model.document.nodes[row]!.name);
};

/** The node that saved what was written, and the rows of it. */
const written = (document: Loose): Loose => document.saved.find((row: Loose) => row.node === 3);

describe('saved variables that were written since', () => {
  it('are found by their versions', () => {
    expect(names(golden('engine_inplace'))).toEqual(['ExpBackward0']);
    expect(names(golden('engine_hooks'))).toEqual([]);
  });

  it('do no harm once they are released, or where a hook brings them back', () => {
    const released = golden('engine_inplace');
    written(released).state = 'freed';
    expect(names(released)).toEqual([]);
    const packed = golden('engine_inplace');
    written(packed).packed_by = 'unpack';
    expect(names(packed)).toEqual([]);
  });

  it('mark their nodes: in a cell that raised as an error, else as a warning that the header tells too', () => {
    const findings = (document: Loose): [string, string | undefined][] => {
      const { vertices } = backwardSubject(modelOf(document));
      return Array.from({ length: vertices.length }, (_, at) => vertices.at(at))
        .filter(({ finding }) => finding)
        .map(({ name, finding }) => [name, finding]);
    };
    const document = golden('engine_inplace');
    expect(findings(document)).toEqual([['ExpBackward0', 'error']]);
    delete document.failure;
    expect(findings(document)).toEqual([['ExpBackward0', 'warning']]);
    expect(facts(modelOf(document)).problem).toEqual({
      severity: 'warning',
      text: 'saved variable written since',
      more: 0,
    });
    expect(facts(modelOf(golden('engine_hooks'))).problem).toBeUndefined();
  });
});
