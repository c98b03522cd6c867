/** The colours of the style sheet: text and marks can be read, and families told apart whoever looks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contrast, inkOn, STEPS, type Palette } from '../../../widgets/src/draw/palette.js';
import { distance, VISIONS } from '../support/vision.js';

const CSS = readFileSync(join(import.meta.dirname, '../../../widgets/style/tokens.css'), 'utf8');

function theme(name: 'light' | 'dark'): Record<string, string> {
  const block = /\.ts-view \{([^}]*)\}[^]*?\[data-jp-theme-light='false'\] \.ts-view \{([^}]*)\}/.exec(CSS)!;
  const read = (text: string): [string, string][] =>
    [...text.matchAll(/--ts-([\w-]+): (?:var\([\w-]+, )?(#[0-9a-f]{6})/g)].map(([, key, hex]) => [
      key!,
      hex!,
    ]);
  const all = Object.fromEntries([...read(block[1]!), ...(name === 'dark' ? read(block[2]!) : [])]);
  // JupyterLab's own, which the fallbacks stand for.
  return { ...all, 'ink-1': name === 'dark' ? '#e0e0e0' : '#212121' };
}

const FAMILIES = ['product', 'pointwise', 'reduce', 'view', 'index', 'custom'];

describe.each(['light', 'dark'] as const)('the %s theme', name => {
  const colours = theme(name);
  const grounds = ['paper', 'chrome', 'node', 'group'];

  it('has text of at least 4.5 to 1 on every ground', () => {
    for (const ink of ['ink-1', 'ink-2', 'link'])
      for (const ground of grounds)
        expect(contrast(colours[ink]!, colours[ground]!), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    for (const state of ['error', 'warn', 'info'])
      expect(contrast(colours[state]!, colours[`${state}-well`]!), state).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours['on-output']!, colours.output!)).toBeGreaterThanOrEqual(4.5);
  });

  it('has marks of at least 3 to 1', () => {
    for (const mark of [...FAMILIES, 'edge', 'node-line', 'select', 'error', 'ok'])
      expect(contrast(colours[mark]!, colours.paper!), mark).toBeGreaterThanOrEqual(3);
  });

  it.each(Object.keys(VISIONS))('keeps families apart for %s eyes', vision => {
    for (const [i, a] of FAMILIES.entries())
      for (const b of FAMILIES.slice(i + 1))
        expect(distance(colours[a]!, colours[b]!, vision), `${a} and ${b}`).toBeGreaterThanOrEqual(6);
  });

  it('has ink that can be read on each step of a scale', () => {
    const palette = { colours } as unknown as Palette;
    for (const step of STEPS)
      expect(contrast(colours[inkOn(palette, step)]!, colours[step]!), step).toBeGreaterThanOrEqual(4.5);
  });

  it.each(Object.keys(VISIONS))('has steps that follow one another for %s eyes', vision => {
    for (const [i, step] of STEPS.slice(1).entries())
      expect(distance(colours[STEPS[i]!]!, colours[step]!, vision), step).toBeGreaterThanOrEqual(5);
  });
});
