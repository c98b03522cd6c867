/** The view on the whole screen, and back on its page as it was. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, type Browser } from './support/browser.js';
import { bundleHarness, golden, mount } from './support/harness.js';
import { settled } from './support/settled.js';

let browser: Browser;

beforeAll(async () => {
  await bundleHarness();
  browser = await launch(1000, 700, 1);
});

afterAll(() => browser?.close());

/** Of the view and of the drawing in it. */
function sizes(): Promise<{ view: number[]; canvas: number[]; screen: number[] }> {
  return browser.page.evaluate(() => {
    const size = (selector: string): number[] => {
      const { width, height } = document.querySelector(selector)!.getBoundingClientRect();
      return [Math.round(width), Math.round(height)];
    };
    return { view: size('.ts-view'), canvas: size('.ts-stage canvas'), screen: [innerWidth, innerHeight] };
  });
}

it('takes the screen from the keyboard and from the menu, and gives it back', async () => {
  const { page } = browser;
  await mount(page, golden('engine_hooks'), { width: 600 });
  const before = await sizes();
  await page.locator('#view .ts-twin').focus();
  await page.keyboard.press('Shift+W');
  await page.waitForFunction(() => document.fullscreenElement);
  await settled(page);
  const whole = await sizes();
  expect(whole.view).toEqual(whole.screen);
  expect(whole.canvas[1]).toBeGreaterThan(before.canvas[1]!);
  await page.keyboard.press('Home');
  await settled(page);
  expect(await page.locator('#view .ts-panel').isVisible()).toBe(true);
  await page.getByRole('button', { name: 'More' }).click();
  const item = page.getByRole('menuitemcheckbox', { name: 'Whole screen' });
  expect(await item.getAttribute('aria-checked')).toBe('true');
  await item.click();
  await page.waitForFunction(() => !document.fullscreenElement);
  await settled(page);
  const after = await sizes();
  expect(after.view[0]).toBe(before.view[0]);
  expect(after.view[1]).toBeLessThan(whole.view[1]!);
  expect(browser.errors).toEqual([]);
});
