/** What axe finds against the view in each of its states, in both themes: nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, ROOT, type Browser } from './support/browser.js';
import { alive, LIVE } from './support/documents.js';
import { bundleHarness, golden, mount } from './support/harness.js';
import { settled } from './support/settled.js';

const AXE = readFileSync(join(ROOT, 'widgets', 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

let browser: Browser;

beforeAll(async () => {
  await bundleHarness();
  browser = await launch(1000, 700);
});

afterAll(() => browser?.close());

/** The rules broken within the view, each with the elements that break it. */
async function violations(): Promise<string[]> {
  const { page } = browser;
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as any;
    const found = await axe.run(document.querySelector('#view'), { resultTypes: ['violations'] });
    return found.violations.flatMap((rule: any) =>
      rule.nodes.map((node: any) => `${rule.id}: ${node.html.slice(0, 160)} (${node.failureSummary})`),
    );
  });
}

async function press(...keys: string[]): Promise<void> {
  const { page } = browser;
  await page.locator('#view .ts-twin').focus();
  for (const key of keys) await page.keyboard.press(key);
  await settled(page);
}

const bare = { version: '1.0', generator: 'test', nodes: [], edges: [] };

const STATES: [string, () => unknown, Record<string, unknown>, (() => Promise<void>)?][] = [
  ['a graph', () => golden('digits'), {}],
  ['a selection without a kernel', () => golden('digits'), { answers: {}, state: 'none', went: 'found', start: 'never' }, () => press('Home', 'ArrowDown', 'ArrowDown')],
  ['a selection with values', alive, { answers: LIVE, state: 'live', went: 'found' }, () => press('Home', 'ArrowDown', 'ArrowDown')],
  ['a busy kernel', alive, { answers: { stats: 'never', histogram: 'never' }, state: 'busy' }, () => press('a', 'd', 'd')],
  ['an overlay', () => golden('digits'), {}, () => press('Shift+C')],
  ['the outline', () => golden('digits'), {}, () => press('Shift+O', 'Home', 'ArrowDown')],
  ['the legend', () => golden('digits'), {}, () => press('Shift+L')],
  ['the keys', () => golden('digits'), {}, () => press('?')],
  ['the menu', () => golden('digits'), {}, () => press('Shift+X')],
  ['a focus', () => golden('digits'), {}, () => press('Home', 'ArrowDown', 'Shift+K')],
  ['a search', () => golden('digits'), {}, async () => { await press('/'); await browser.page.keyboard.type('addmm'); await browser.page.keyboard.press('Enter'); await settled(browser.page); }],
  ['a bad search', () => golden('digits'), {}, async () => { await press('/'); await browser.page.keyboard.type('/(a/'); }],
  ['a finding', () => golden('inplace'), {}, () => press('Shift+N')],
  ['an exception', () => golden('exception'), {}, () => press('Home')],
  ['hooks', () => golden('engine_hooks'), {}, () => press('Home', 'ArrowDown', 'ArrowDown')],
  ['the forward trace', () => golden('digits'), {}, () => press('Shift+B')],
  ['both sides', () => golden('digits'), {}, () => press('Shift+B', 'Shift+B', 'Shift+L')],
  ['a selection on both sides', () => golden('engine_hooks'), {}, () => press('Shift+B', 'Shift+B', 'a', 'Shift+O', 'Shift+C')],
  ['a repetition', () => golden('columnar'), {}, () => press('t', 'a', 'n', 'h', 'Space')],
  ['nothing', () => bare, {}],
  ['a leaf', () => ({ ...bare, title: 'x', tensors: [{ id: 1, dtype: 'float32', shape: [3], bytes: 12, name: 'x' }] }), {}],
  ['a newer major', () => ({ ...bare, version: '2.0' }), {}],
  ['a broken document', () => ({ ...bare, nodes: 3 }), {}],
]; // prettier-ignore

describe.each(['light', 'dark'] as const)('in the %s theme', theme => {
  it.each(STATES)('axe finds nothing against %s', async (_, document, setting, act) => {
    await mount(browser.page, document(), { theme, ...setting } as never);
    await act?.();
    expect(await violations()).toEqual([]);
    expect(browser.errors).toEqual([]);
  });

  it('axe finds nothing against a narrow view', async () => {
    await mount(browser.page, golden('digits'), { theme, width: 400 });
    await press('Home', 'ArrowDown');
    expect(await violations()).toEqual([]);
  });
});

describe('forced colours', () => {
  it('are taken: the drawing is in them, and axe finds nothing', async () => {
    const { page } = browser;
    await page.emulateMedia({ forcedColors: 'active' });
    await mount(page, golden('digits'), {});
    await press('Home', 'ArrowDown');
    const ink = await page.evaluate(() => {
      const style = getComputedStyle(document.querySelector('.ts-view')!);
      return style.getPropertyValue('--ts-node-line').trim();
    });
    expect(ink).toBe('CanvasText');
    expect(await violations()).toEqual([]);
    await page.emulateMedia({ forcedColors: 'none' });
  });
});
