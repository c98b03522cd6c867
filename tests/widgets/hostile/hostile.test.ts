// @vitest-environment jsdom
/** Thousands of broken documents: each is drawn, or refused with the rule that it breaks; nothing in one ever runs. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DocumentError, parse } from '../../../widgets/src/document/parse.js';
import { GraphView } from '../../../widgets/src/view/graph-view.js';
import { chain, golden, GOLDENS, type Loose } from '../support/goldens.js';
import { pictureOf, shown } from '../support/picture.js';
import { mutate, random, TEXTS } from './mutations.js';

const MUTATED = GOLDENS.filter(name => name !== 'columnar');

/** Ten thousand in all; TAPESCOPE_MUTATIONS: so many a golden document. */
const MANY = Number(process.env.TAPESCOPE_MUTATIONS ?? Math.ceil(10_000 / MUTATED.length));

beforeAll(() => {
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
});

afterEach(() => document.body.replaceChildren());

/** Draws a document as a view does, all ways; gives the rule that it breaks, if it does. */
function draw(document: Loose): string | undefined {
  try {
    parse(document);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.message;
  }
  for (const direction of ['backward', 'forward', 'both'] as const) {
    const { trace, picture } = shown(document, direction);
    expect(picture.scene.boxes.length).toBe(picture.layout.x.length);
    trace.openAll();
    pictureOf(trace);
  }
  return undefined;
}

describe.each(MUTATED)('%s, mutated', name => {
  it('is drawn, or refused with the rule it breaks', { timeout: 60_000 }, () => {
    const next = random(name.length * 7919);
    const document = golden(name);
    let refused = 0;
    for (let i = 0; i < MANY; i++) {
      const mutant = mutate(document, next);
      try {
        const rule = draw(mutant);
        if (rule === undefined) continue;
        refused++;
        expect(rule.length).toBeGreaterThan(10);
        expect(rule.endsWith('.')).toBe(true);
      } catch (error) {
        throw new Error(`mutant ${i} of ${name}: ${(error as Error).stack}`);
      }
    }
    expect(refused).toBeGreaterThan(0);
  });

  it('shows every text as text', () => {
    const scope = globalThis as { hurt?: boolean };
    for (const text of TEXTS) {
      const document = golden(name);
      for (const node of document.nodes.slice(0, 3)) node.name = text || 'x';
      for (const tensor of document.tensors ?? []) if (tensor.name) tensor.name = text;
      for (const cell of document.cells ?? []) if (cell.source) cell.source = text;
      for (const site of document.sites ?? []) site.text = text;
      const view = new GraphView(globalThis.document.body, document);
      const rows = [...view.element.querySelectorAll<HTMLElement>('[role=row]')];
      for (const row of rows.slice(0, 4)) row.click();
      expect(view.element.querySelector('script, img, iframe, object, embed, [onerror], [href]')).toBeNull();
      // What would turn the direction of the text around it is made visible.
      expect(view.element.textContent).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u0000\u0007\u001b]/);
      view.dispose();
    }
    expect(scope.hurt).toBeUndefined();
  });
});

describe('a document', () => {
  const refusal = (document: Loose): string => {
    const view = new GraphView(globalThis.document.body, document);
    const text = view.element.querySelector('.ts-note')?.textContent ?? '';
    view.dispose();
    return text;
  };

  it('with a dangling id is refused by that rule', () => {
    const document = golden('small');
    document.edges[0].to = 99;
    expect(refusal(document)).toContain('names node 99, which is not in nodes');
  });

  it('with a name of a million characters is refused, and told how long one may be', () => {
    const document = golden('small');
    document.nodes[0].name = 'x'.repeat(1_000_000);
    const said = refusal(document);
    expect(said).toMatch(/longer than \d+ characters/);
    expect(said.length).toBeLessThan(300);
  });

  it('with a circle is refused, and told which nodes', () => {
    const document = chain(12);
    document.edges.push({ from: 7, to: 9 });
    expect(refusal(document)).toContain('the nodes 9 → 8 → 7 → 9 are a circle');
    document.edges.at(-1).to = 7;
    expect(refusal(document)).toContain('the nodes 7 → 7 are a circle');
    document.edges.at(-1).from = 1;
    expect(refusal(document)).toContain('6 → 5 → 4 → … → ');
    expect(refusal(document)).toContain('run the cell again');
  });

  it('that is no object, or has no version, is told what it has to be', () => {
    expect(refusal(3)).toContain('has to be an object');
    expect(refusal({ nodes: [], edges: [] })).toContain('version has to be');
    expect(refusal({ version: '1.0', generator: 'x', nodes: [] })).toContain('lacks the member "edges"');
  });

  it('with columns that claim a billion rows is refused before memory is taken', () => {
    const nodes = { length: 1e9, columns: {} };
    expect(refusal({ version: '1.0', generator: 'x', nodes, edges: [] })).toContain('nodes');
    const runs = { encoding: 'runs', runs: [[1e9, 0, 1]] };
    const table = { length: 3, columns: { id: runs, name: { encoding: 'plain', values: ['a', 'a', 'a'] } } };
    expect(refusal({ version: '1.0', generator: 'x', nodes: table, edges: [] })).toContain(
      'more than the 3 values it may have',
    );
  });
});
