/** States of the view, each in both themes: what was left out, places that are links, no kernel, values written since. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACTS, launch, type Browser } from './support/browser.js';
import { alive, cut, LIVE } from './support/documents.js';
import { bundleHarness, golden, mount } from './support/harness.js';
import { settled } from './support/settled.js';

let browser: Browser;

beforeAll(async () => {
  await bundleHarness();
  browser = await launch(1000, 640);
});

afterAll(() => browser?.close());

const shot = (name: string): Promise<Buffer> =>
  browser.page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true });

const text = async (selector: string): Promise<string> =>
  (await browser.page.locator(`#view ${selector}`).textContent()) ?? '';

async function select(...typed: string[]): Promise<void> {
  const { page } = browser;
  await page.locator('#view .ts-twin').focus();
  await page.keyboard.press('Home');
  for (const keys of typed) {
    if (/^[A-Z]/.test(keys)) await page.keyboard.press(keys);
    else await page.keyboard.type(keys);
    await settled(page);
  }
}

describe.each(['light', 'dark'] as const)('in the %s theme', theme => {
  it('tears the picture where turns of a loop were left out, and says so', async () => {
    await mount(browser.page, golden('digits'), { theme });
    await shot(`torn-turns-${theme}`);
    const rows = await browser.page.locator('#view [role=row]').allTextContents();
    const strip = rows.findIndex(row => row.startsWith('498 turns left out'));
    expect(rows.findIndex(row => row.startsWith('turn 500 of 500'))).toBeLessThan(strip);
    expect(rows.findIndex(row => row.startsWith('turn 1 of 500'))).toBeGreaterThan(strip);
    await select('End', 'ArrowUp');
    expect(await text('.ts-panel')).toContain('Turns 2 to 499 of 500 are not drawn');
    await shot(`torn-turns-${theme}-selected`);
    await browser.page.locator('#view').getByText('Forward', { exact: true }).click();
    await settled(browser.page);
    await shot(`torn-turns-${theme}-forward`);
    expect(await browser.page.locator('#view [role=row]', { hasText: '498 turns left out' }).count()).toBe(1);
  });

  it('tears it below nodes whose edges were cut', async () => {
    await mount(browser.page, cut(), { theme });
    await select('End');
    await shot(`torn-nodes-${theme}`);
    expect(await text('.ts-header')).toContain('8 of 98,208 nodes');
    expect(await text('.ts-panel')).toContain('The graph goes on below: 98,200 of 98,208 nodes');
  });

  it('links places, and says when the cell is gone', async () => {
    const { page } = browser;
    await mount(page, golden('digits'), { theme, answers: {}, state: 'none', went: 'gone', start: 'never' });
    await select('addmm');
    const link = page.locator('#view .ts-source-section .ts-link');
    await link.focus();
    await page.keyboard.press('Enter');
    await settled(page);
    expect(await text('.ts-said')).toBe('Cell 5 is no longer in this notebook.');
    await shot(`place-gone-${theme}`);
  });

  it('offers to start a kernel, and says that it starts or why it did not', async () => {
    const { page } = browser;
    for (const start of ['never', 'fails'] as const) {
      await mount(page, alive(), { theme, answers: {}, state: 'none', went: 'found', start });
      await select('addmm');
      if (start === 'never') await shot(`no-kernel-${theme}`);
      await page.locator('#view .ts-begin button').click();
      await settled(page);
      expect(await text('.ts-begin')).toContain(start === 'never' ? 'Starting…' : 'the kernel died');
      await shot(`no-kernel-${theme}-${start}`);
    }
    await mount(page, alive(), { theme, answers: {}, state: 'fresh' });
    await select('addmm');
    expect(await text('.ts-panel')).toContain('The values of the earlier run are gone');
    await shot(`kernel-fresh-${theme}`);
  });

  it('says that values were written since', async () => {
    const written = structuredClone(LIVE) as any;
    Object.assign(written.stats.result, { changed: true, version: 3 });
    await mount(browser.page, alive(), { theme, answers: written, state: 'live', went: 'found' });
    await select('addmm');
    await settled(browser.page);
    expect(await text('.ts-changed')).toContain('version 3 now');
    await shot(`changed-${theme}`);
  });

  it.each(['digits', 'small', 'exception'])('keeps %s whole in 400 pixels', async name => {
    const { page } = browser;
    await mount(page, golden(name), {
      theme,
      width: 400,
      answers: {},
      state: 'none',
      went: 'found',
      start: 'never',
    });
    await shot(`narrow-${name}-${theme}`);
    await select(name === 'digits' ? 'addmm' : name === 'small' ? 'mul' : 'ma');
    await shot(`narrow-${name}-${theme}-selected`);
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll('#view .ts-header, #view .ts-panel, #view .ts-footer')]
        .filter(part => part.scrollWidth > part.clientWidth + 1)
        .map(part => part.className),
    );
    expect(wide).toEqual([]);
  });

  it.each([320, 360, 400, 450, 500])('keeps find and zoom in reach in %d pixels', async width => {
    const { page } = browser;
    await mount(page, golden('digits'), { theme, width });
    await page.hover('#view .ts-stage', { position: { x: width / 2, y: 60 } });
    const boxes = await page.evaluate(() =>
      ['.ts-footer', '.ts-footer .ts-step:last-child', '.ts-find', '.ts-iconbutton', '.ts-menu'].map(name => {
        const { top, bottom, width } = document.querySelector(`#view ${name}`)!.getBoundingClientRect();
        return { top, bottom, width };
      }),
    );
    const [footer, plus, find, fit, menu] = boxes as { top: number; bottom: number; width: number }[];
    expect(plus!.bottom).toBeLessThanOrEqual(footer!.bottom);
    expect(find!.width).toBeGreaterThanOrEqual(140);
    for (const button of [fit, menu]) expect(Math.abs(button!.top - find!.top)).toBeLessThan(4);
  });

  it.each([
    [700, 200],
    [1100, 220],
  ])('shows what is looked for in %d pixels', async (width, least) => {
    const { page } = browser;
    await mount(page, golden('digits'), { theme, width });
    const find = page.locator('#view .ts-find');
    await page.fill('#view .ts-find input', 'model.2.weight');
    expect((await find.boundingBox())!.width).toBeGreaterThanOrEqual(least);
    // As long as it is looked for, wherever the focus is.
    await page.focus('#view .ts-twin');
    expect((await find.boundingBox())!.width).toBeGreaterThanOrEqual(least);
  });

  it('shows documents without a graph, and those that it can’t read', async () => {
    const { page } = browser;
    const bare = { version: '1.0', generator: 'test', nodes: [], edges: [] };
    const x = { id: 1, dtype: 'float32', shape: [3], bytes: 12, name: 'x' };
    const cases: [string, any, string][] = [
      ['empty', bare, 'No graph.'],
      ['leaf', { ...bare, title: 'x', tensors: [x] }, 'x is a leaf without gradient.'],
      ['newer', { ...bare, version: '2.0' }, 'Install a version'],
      ['broken', { ...bare, nodes: 3 }, 'nodes has to be'],
    ];
    for (const [name, document, says] of cases) {
      await mount(page, document, { theme });
      expect(await text('.ts-view')).toContain(says);
      await shot(`state-${name}-${theme}`);
    }
  });

  it('shows what hooks changed, the hooks of modules, and what a pack hook holds', async () => {
    const { page } = browser;
    await mount(page, golden('engine_functions'), { theme, answers: {}, state: 'none', start: 'never' });
    await select();
    const choose = async (name: string): Promise<void> => {
      await page.locator('#view [role=row]', { hasText: name }).first().dispatchEvent('click');
      await settled(page);
    };
    await choose('ClampedBackward');
    expect(await text('.ts-hooks')).toContain('× 2.00');
    await shot(`hooks-changed-${theme}`);
    await choose('AddmmBackward0');
    expect(await text('.ts-hooks-section')).toContain('Hooks of model · Sequential');
    await shot(`hooks-module-${theme}`);
    await choose('ExpBackward0');
    expect(await text('.ts-panel')).toContain('Held by a hook');
    await shot(`saved-packed-${theme}`);
  });

  it('shows hooks with their places, findings, keys, and how many a search found', async () => {
    const { page } = browser;
    await mount(page, golden('digits'), { theme, answers: {}, state: 'none', went: 'found', start: 'never' });
    await select();
    await page.locator('#view [role=row]', { hasText: 'model.0.weight' }).first().dispatchEvent('click');
    await settled(page);
    expect(await page.locator('#view .ts-hooks .ts-link').count()).toBeGreaterThan(0);
    await shot(`hooks-${theme}`);
    await page.keyboard.type('?');
    await shot(`keys-${theme}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('nothing');
    await shot(`find-${theme}`);
    expect(await text('.ts-find [role=status]')).toBe('no matches');
    await page.locator('#view .ts-find input').fill('addmm');
    expect(await text('.ts-find [role=status]')).toBe('4 matches');
    await mount(page, golden('inplace'), { theme, answers: {}, state: 'none', went: 'found' });
    await page.locator('#view .ts-pill').click();
    await settled(page);
    await shot(`finding-${theme}`);
  });
});
