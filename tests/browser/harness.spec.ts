/**
 * The view without a notebook: every golden document in both themes, drawn, walked and photographed.
 *
 * TAPESCOPE_NORMS  a file to write the README's picture of gradient norms to: docs/norms.png
 * TAPESCOPE_BOTH   the same of forward trace and backward graph: docs/both.png
 */
import { readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACTS, inkedPixels, launch, ROOT, type Browser } from './support/browser.js';
import { alive, LIVE } from './support/documents.js';
import { bundleHarness, golden, mount } from './support/harness.js';
import { settled } from './support/settled.js';

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

/** Of the view: to where the README's picture is wanted, else with the others. */
const picture = (path: string | undefined, name: string): Promise<Buffer> =>
  browser.page.locator('#view .ts-view').screenshot({
    path: path ? (isAbsolute(path) ? path : join(ROOT, path)) : join(ARTIFACTS, name),
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
    await settled(page);
    await shot(`${name}-${theme}-selected`);
    expect(await page.locator('#view [role=row][aria-selected=true]').count()).toBe(1);
    expect(await page.locator('#view .ts-panel h3').textContent()).not.toBe('');
    expect(browser.errors).toEqual([]);
  });
});

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
      await settled(page);
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
        expect(await page.locator('#view .ts-saved-section .ts-button').textContent()).toBe(
          'Run the unpack hook',
        );
      if (name === 'stale')
        expect(await page.locator('#view .ts-panel').textContent()).toContain('The kernel was restarted');
    }
    expect(browser.errors).toEqual([]);
  });
});

describe('an overlay', () => {
  it('colours each node by the norm of its gradient, and writes it', async () => {
    const { page } = browser;
    await mount(page, golden('digits'), { theme: 'light' });
    await page.locator('#view select').selectOption({ label: 'Norm' });
    await settled(page);
    expect(await page.locator('#view .ts-meaning').textContent()).toContain('Gradient norm');
    await picture(process.env.TAPESCOPE_NORMS, 'norms.png');
  });
});

describe('both directions', () => {
  it('stand side by side, and what the pointer is on is joined with its partner', async () => {
    const { page } = browser;
    await mount(page, golden('digits'), { theme: 'light' });
    await page.locator('#view').getByText('Both', { exact: true }).click();
    await page.evaluate(
      () => (document.querySelector<HTMLElement>('#view .ts-view')!.style.height = '900px'),
    );
    await settled(page);
    await page.getByRole('button', { name: 'Fit' }).click();
    await settled(page);
    const { x, y } = await page.evaluate(() => {
      const { stage, picture: drawn } = (globalThis as any).shown.shown;
      const box = drawn.scene.boxes.findIndex((each: any) => each.vertex?.name === 'relu');
      const { view } = stage.camera;
      const { left, top } = stage.element.getBoundingClientRect();
      return {
        x: left + (drawn.layout.x[box] - view.x) * view.zoom,
        y: top + (drawn.layout.y[box] - view.y) * view.zoom,
      };
    });
    await page.mouse.move(x, y);
    await settled(page);
    expect(await page.locator('#view .ts-pointed').textContent()).toContain('grad_fn ReluBackward0');
    await picture(process.env.TAPESCOPE_BOTH, 'both.png');
  });
});
