/** Two hundred displays in one page: what is off the screen holds no pixels, and next to nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, type Browser } from './support/browser.js';
import { bundleHarness, golden, mount } from './support/harness.js';
import { settled } from './support/settled.js';

const COUNT = 200;

let browser: Browser;

beforeAll(async () => {
  await bundleHarness();
  browser = await launch(1000, 800);
});

afterAll(() => browser?.close());

interface Held {
  canvases: number;
  pixels: number;
  elements: number;
  listeners: number;
  height: number;
}

function held(): Promise<Held> {
  return browser.page.evaluate(() => {
    const canvases = [...document.querySelectorAll('canvas')];
    return {
      canvases: canvases.length,
      pixels: canvases.reduce((sum, { width, height }) => sum + width * height, 0),
      elements: document.querySelectorAll('.ts-view *').length,
      listeners: (globalThis as any).listeners,
      height: document.documentElement.scrollHeight,
    };
  });
}

/** Until all views are asleep but those near the window, which are a few. */
async function asleep(): Promise<void> {
  const { page } = browser;
  let [before, now] = [-1, 0];
  while (now !== before || now < COUNT - 30) {
    before = now;
    // They fall asleep two seconds after they have left.
    await page.waitForTimeout(2_500);
    await settled(page);
    now = await page.locator('.ts-asleep').count();
  }
}

describe('200 displays', () => {
  it('hold pixels for those in sight alone, wherever one scrolls, and give back what they took', async () => {
    const { page } = browser;
    await mount(page, golden('small'), {});
    await page.evaluate(
      ({ documents, count }) => {
        // Listeners on what outlives a view.
        const scope = globalThis as any;
        scope.listeners = 0;
        for (const target of [window, document, document.body]) {
          const { addEventListener, removeEventListener } = target;
          target.addEventListener = (...given: any[]) => (scope.listeners++, (addEventListener as any).apply(target, given));
          target.removeEventListener = (...given: any[]) => (scope.listeners--, (removeEventListener as any).apply(target, given));
        }
        scope.shown.dispose();
        scope.views = Array.from({ length: count }, (_, i) => {
          const place = document.createElement('div');
          place.style.margin = '0 0 40px';
          document.getElementById('view')!.append(place);
          return new scope.tapescope.GraphView(place, documents[i % documents.length]);
        });
      },
      { documents: ['small', 'digits', 'inplace', 'columnar'].map(golden), count: COUNT },
    ); // prettier-ignore
    await asleep();
    const top = await held();
    expect(top.canvases).toBeGreaterThan(0);
    expect(top.canvases).toBeLessThan(12);
    const seen: Held[] = [];
    for (let i = 1; i <= 4; i++) {
      await page.evaluate(share => scrollTo(0, share * document.documentElement.scrollHeight), i / 5);
      await asleep();
      seen.push(await held());
    }
    for (const each of seen) {
      expect(each.canvases).toBeLessThan(12);
      expect(each.pixels).toBeLessThan(4 * 1000 * 800 * 4);
      expect(each.elements).toBeLessThan(3 * top.elements);
      expect(each.listeners).toBe(top.listeners);
      // Nothing jumps when a view falls asleep or wakes.
      expect(each.height).toBe(top.height);
    }
    await page.evaluate(() => scrollTo(0, 0));
    await asleep();
    // As the browser's search does with what it finds in a view that sleeps.
    const found = await page.evaluate(() => {
      const words = [...document.querySelectorAll<HTMLElement>('.ts-asleep')].at(-1)!;
      const { textContent, parentElement } = words;
      const hidden = words.getAttribute('hidden');
      (globalThis as any).found = parentElement;
      words.removeAttribute('hidden');
      words.scrollIntoView();
      return { hidden, textContent };
    });
    expect(found.hidden).toBe('until-found');
    expect(found.textContent).toContain('MulBackward0');
    await settled(page);
    const woken = await page.evaluate(() => {
      const view: Element = (globalThis as any).found;
      return ['.ts-asleep', '[role=row]'].map(each => view.querySelectorAll(each).length);
    });
    expect(woken[0]).toBe(0);
    expect(woken[1]).toBeGreaterThan(0);
    await page.evaluate(() => scrollTo(0, 0));
    await settled(page);
    expect(await page.locator('.ts-view').first().locator('[role=row]').count()).toBeGreaterThan(0);
    await page.evaluate(() => {
      for (const view of (globalThis as any).views) view.dispose();
    });
    const after = await held();
    expect([after.canvases, after.elements, after.listeners]).toEqual([0, 0, 0]);
    expect(browser.errors).toEqual([]);
  });
});
