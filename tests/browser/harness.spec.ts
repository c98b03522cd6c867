/** The view without a notebook: every golden document in both themes, drawn, walked and photographed. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACTS, inkedPixels, launch, ROOT, type Browser } from './support/browser.js';
import { bundleHarness, golden, mount } from './support/harness.js';

const GOLDENS = readdirSync(join(ROOT, 'tests', 'golden'))
  .filter(name => name.endsWith('.json'))
  .map(name => name.replace('.json', ''));

let browser: Browser;

beforeAll(async () => {
  await bundleHarness();
  browser = await launch(1000, 800);
});

afterAll(() => browser?.close());

const shot = (name: string): Promise<Buffer> =>
  browser.page.screenshot({
    path: join(ARTIFACTS, `${name}.png`),
    fullPage: true,
  });

describe.each(['light', 'dark'] as const)('in the %s theme', theme => {
  it.each(GOLDENS)('draws %s', async name => {
    const { page } = browser;
    await mount(page, golden(name), { theme });
    await shot(`${name}-${theme}`);
    expect(await inkedPixels(page, '#view')).toBeGreaterThan(500);
    expect(await page.locator('#view [role=row]').count()).toBeGreaterThan(0);
    await page.locator('#view .ts-twin').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.waitForTimeout(350);
    await shot(`${name}-${theme}-selected`);
    expect(await page.locator('#view [role=row][aria-selected=true]').count()).toBe(1);
    expect(await page.locator('#view .ts-panel h3').textContent()).not.toBe('');
    expect(browser.errors).toEqual([]);
  });
});

/** A bell of 48 bins: what a kernel answers for a saved tensor. */
const LIVE = {
  stats: {
    result: { dtype: 'float32', shape: [64, 32], version: 0, changed: false, stats: { norm: 11.93, min: -0.61, max: 0.74, mean: 0.0123, std: 0.125 } },
  },
  histogram: {
    result: {
      dtype: 'float32', shape: [64, 32], version: 0, changed: false, below: 0, above: 0, nan: 0, inf: 0,
      edges: { buffer: 0, type: 'f64', shape: [49] },
      counts: { buffer: 1, type: 'f64', shape: [48] },
    },
    buffers: [
      Array.from({ length: 49 }, (_, i) => -0.61 + (1.35 * i) / 48),
      Array.from({ length: 48 }, (_, i) => Math.round(400 * Math.exp(-(((i - 22) / 9) ** 2)))),
    ],
  },
}; // prettier-ignore

/** digits, as it would be before the backward: alive. */
function alive(): any {
  const document = golden('digits') as any;
  for (const node of document.nodes) (delete node.state, delete node.released_by);
  for (const row of document.saved) delete row.state;
  const last = (row: any): boolean => row.turn === 0;
  const dropped = new Set(
    document.nodes.filter((node: any) => last(node) || node.id < 8).map((node: any) => node.id),
  );
  document.nodes = document.nodes.filter((node: any) => !dropped.has(node.id));
  document.edges = document.edges.filter((edge: any) => !dropped.has(edge.from));
  document.saved = document.saved.filter((row: any) => !dropped.has(row.node));
  for (const row of [...document.nodes, ...document.ops]) (delete row.repeat, delete row.turn);
  delete document.left_out;
  return document;
}

describe('the panel', () => {
  const cases: [string, any, any][] = [
    ['live', LIVE, 'live'],
    ['busy', { stats: 'never', histogram: 'never' }, 'busy'],
    ['hooked', { stats: { code: 'hooked', message: 'held by a pack hook' } }, 'live'],
    ['stale', {}, 'stale'],
  ];
  it.each(['light', 'dark'] as const)('shows the kernel’s states in the %s theme', async theme => {
    for (const [name, answers, state] of cases) {
      const { page } = browser;
      await mount(page, alive(), { theme, answers, state });
      await page.locator('#view .ts-twin').focus();
      await page.keyboard.press('Home');
      await page.keyboard.type('addmm');
      await page.waitForTimeout(700);
      await shot(`panel-${name}-${theme}`);
      if (name === 'live')
        expect(await page.locator('#view .ts-stat [data-stat=mean]').getAttribute('title')).toBe(
          'mean 0.0123',
        );
      if (name === 'busy')
        expect(await page.locator('#view .ts-panel').textContent()).toContain(
          'The kernel is running cell 9.',
        );
      if (name === 'hooked')
        expect(await page.locator('#view .ts-button').textContent()).toBe('Run the unpack hook');
      if (name === 'stale')
        expect(await page.locator('#view .ts-panel').textContent()).toContain('The kernel was restarted');
    }
    expect(browser.errors).toEqual([]);
  });
});
