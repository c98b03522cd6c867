/** The view beside kept pictures of it, in both themes; support/kept.ts says how far it may be from them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, type Browser } from './support/browser.js';
import { bundleHarness, golden, mount } from './support/harness.js';
import { compare } from './support/kept.js';
import { settled } from './support/settled.js';

let browser: Browser;

beforeAll(async () => {
  await bundleHarness();
  browser = await launch(760, 600, 1);
  // No caret and no motion that a moment could catch half-way.
  await browser.page.emulateMedia({ reducedMotion: 'reduce' });
});

afterAll(() => browser?.close());

const CASES: [name: string, document: string, keys: string[]][] = [
  ['digits', 'digits', []],
  ['selection', 'digits', ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown']],
  ['norms', 'digits', ['Shift+C']],
  ['focus', 'digits', ['Home', 'ArrowDown', 'ArrowDown', 'Shift+D', 'Shift+O']],
  ['afar', 'columnar', ['Shift+E', 'Shift+F']],
  ['exception', 'exception', []],
  ['both', 'engine_hooks', ['Shift+B', 'Shift+B', 't', 'a', 'n', 'h']],
  ['both-norms', 'digits', ['Shift+B', 'Shift+B', 'Shift+C']],
];

describe.each(['light', 'dark'] as const)('in the %s theme', theme => {
  it.each(CASES)('%s looks as it did', async (name, document, keys) => {
    const { page } = browser;
    await mount(page, golden(document), { theme, width: 720 });
    if (keys.length) await page.locator('#view .ts-twin').focus();
    for (const key of keys) {
      await page.keyboard.press(key);
      await settled(page);
    }
    await settled(page);
    const png = await page.locator('#view .ts-view').screenshot();
    expect(await compare(page, `${name}-${theme}`, png)).toBeUndefined();
    expect(browser.errors).toEqual([]);
  });
});
