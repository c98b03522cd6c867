/** Broken documents in columns: read, or refused with the rule they break, before memory is taken for what they claim. */
import { describe, expect, it } from 'vitest';
import { DocumentError, parse } from '../../../widgets/src/document/parse.js';
import { buildScene } from '../../../widgets/src/groups/scene.js';
import { fold } from '../../../widgets/src/groups/fold.js';
import { initiallyOpen } from '../../../widgets/src/groups/open.js';
import { buildTree } from '../../../widgets/src/groups/tree.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { random, type Random } from '../../bench/graphs/random.js';
import { transformer } from '../../bench/graphs/index.js';
import { type Loose } from '../support/goldens.js';

const MANY = Number(process.env.TAPESCOPE_MUTATIONS ?? 150);

const STRANGE: unknown[] = [
  null, -1, 0, 1, 2.5, 1e308, -1e308, 2 ** 53, 2 ** 53 + 2, NaN, '', 'AAAA', '====', '£', [], [[]], {}, true, 'plain',
  'runs', 'binary', 'lists', 'dictionary', 'i8', 'f64', '__proto__', 'constructor', [[16777216, 0, 1]], [[1e9, 0, 0]],
  [[-1, 0, 0]], [[3, 2 ** 53, 2 ** 53]], { encoding: 'runs', runs: [[3000, 0, 0]] }, { encoding: 'runs', runs: [] },
]; // prettier-ignore

/** Replaces, drops or exchanges a few members, at any depth. */
function mutate(document: Loose, next: Random): Loose {
  const copy = structuredClone(document);
  for (let change = 1 + next(3); change > 0; change--) {
    let at = copy;
    for (let depth = 1 + next(6); depth > 0; depth--) {
      const keys = Object.keys(at);
      if (!keys.length) break;
      const key = keys[next(keys.length)]!;
      const child = at[key];
      if (typeof child === 'object' && child !== null && depth > 1 && Object.keys(child).length) at = child;
      else if (next(4) === 0) {
        if (Array.isArray(at)) at.splice(Number(key), 1);
        else delete at[key];
        break;
      } else {
        at[key] = next(5) ? STRANGE[next(STRANGE.length)] : at[keys[next(keys.length)]!];
        break;
      }
    }
  }
  return copy;
}

function firstPicture(document: Loose): number {
  const model = new GraphModel(parse(document).document);
  const subject = backwardSubject(model);
  const tree = buildTree(subject, model);
  fold(tree, subject, model);
  return buildScene(subject, tree, initiallyOpen(tree)).boxes.length;
}

describe('a document in columns', () => {
  it('is read when mutated, or refused with the rule that it breaks', { timeout: 120_000 }, () => {
    const document = transformer(2500);
    const next = random(99);
    let [refused, drawn] = [0, 0];
    for (let i = 0; i < MANY; i++) {
      const mutant = mutate(document, next);
      try {
        expect(firstPicture(mutant)).toBeLessThanOrEqual(62);
        drawn++;
      } catch (error) {
        if (!(error instanceof DocumentError)) throw new Error(`mutant ${i}: ${(error as Error).stack}`);
        expect(error.message).toMatch(/^.{10,}\.$/s);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(0);
    expect(drawn).toBeGreaterThan(0);
  });

  const claims = (nodes: number, ids: number[][]): Loose => ({
    version: '1.0',
    generator: 'test',
    nodes: {
      length: nodes,
      columns: {
        id: { encoding: 'runs', runs: ids },
        name: { encoding: 'dictionary', values: ['TanhBackward0'], index: { encoding: 'runs', runs: [[nodes, 0, 0]] } },
      },
    },
    edges: [],
  }); // prettier-ignore

  const absent = claims(2, [[2, 0, 1]]);
  absent.nodes.columns.id = { encoding: 'binary', type: 'i8', delta: true, base64: btoa('\x05\x80') };

  it.each([
    ['more rows than are read', claims(16777216, [[16777216, 0, 1]]), /nodes has 16,777,216 rows.*at most/],
    ['more rows than it has', claims(3, [[16777216, 0, 1]]), /nodes\.id has more than the 3 values/],
    ['one id again and again', claims(1000, [[1000, 7, 0]]), /the id 7 comes twice/],
    ['ids beyond what a number holds', claims(3, [[3, 2 ** 53 - 2, 1]]), /nodes\.id has to be/],
    ['that an id is absent', absent, /nodes\.id has to be at least 0/],
    ['ids that are negative', claims(3, [[3, -5, 1]]), /nodes\.id has to be at least 0/],
  ])('that claims %s is refused', (_, document, message) => {
    expect(() => parse(document)).toThrow(DocumentError);
    expect(() => parse(document)).toThrow(message);
  });

  it('of far more nodes than edges is one picture of few boxes', () => {
    expect(firstPicture(claims(5000, [[5000, 0, 1]]))).toBeLessThanOrEqual(62);
  });
});
