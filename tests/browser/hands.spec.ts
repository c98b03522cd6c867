/** What hands do with the drawing: drag, wheel, fingers, the minimap; and what keeps its place. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, type Browser } from './support/browser.js';
import { bundleHarness, golden, mount } from './support/harness.js';
import { settled } from './support/settled.js';

let browser: Browser;

beforeAll(async () => {
  await bundleHarness();
  browser = await launch(1000, 800);
});

afterAll(() => browser?.close());

/** A checksum of the drawing, and its zoom. */
async function drawn(): Promise<{ sum: number; zoom: string }> {
  return browser.page.evaluate(() => {
    const canvas = document.querySelector('#view .ts-stage > canvas') as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i]! + 3 * data[i + 1]!) % 1_000_003;
    return { sum, zoom: document.querySelector('#view .ts-zoom')!.textContent! };
  });
}

const settle = (): Promise<void> => settled(browser.page);

async function middle(): Promise<{ x: number; y: number }> {
  const box = (await browser.page.locator('#view .ts-stage').boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

describe('the drawing', () => {
  it('follows a drag, which selects nothing', async () => {
    const { page } = browser;
    await mount(page, golden('digits'), {});
    const before = await drawn();
    const { x, y } = await middle();
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y - 40, { steps: 4 });
    await page.mouse.up();
    await settle();
    expect((await drawn()).sum).not.toBe(before.sum);
    expect(await page.locator('#view [role=row][aria-selected=true]').count()).toBe(0);
  });

  it('zooms with Ctrl and the wheel, and leaves the plain wheel to the page', async () => {
    const { page } = browser;
    await mount(page, golden('digits'), {});
    await page.evaluate(() => (document.body.style.height = '3000px'));
    const { x, y } = await middle();
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, 100);
    await settle();
    expect(await page.evaluate(() => scrollY)).toBeGreaterThan(0);
    expect((await drawn()).zoom).toBe('100 %');
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    await settle();
    expect(parseInt((await drawn()).zoom)).toBeGreaterThan(110);
  });

  it('zooms with two fingers', async () => {
    const { page } = browser;
    await mount(page, golden('digits'), {});
    const { x, y } = await middle();
    await page.evaluate(
      ({ x, y }) => {
        const stage = document.querySelector('#view .ts-stage')!;
        const send = (type: string, pointerId: number, clientX: number): void =>
          void stage.dispatchEvent(
            new PointerEvent(type, { pointerId, clientX, clientY: y, button: 0, pointerType: 'touch', bubbles: true }),
          );
        stage.setPointerCapture = () => undefined;
        send('pointerdown', 1, x - 40);
        send('pointerdown', 2, x + 40);
        for (let i = 1; i <= 8; i++) (send('pointermove', 1, x - 40 - 10 * i), send('pointermove', 2, x + 40 + 10 * i));
        send('pointerup', 1, x - 120);
        send('pointerup', 2, x + 120);
      },
      { x, y },
    ); // prettier-ignore
    await settle();
    expect(parseInt((await drawn()).zoom)).toBeGreaterThan(200);
  });

  it('is moved by its minimap, which is there while something is out of sight', async () => {
    const { page } = browser;
    await mount(page, golden('digits'), {});
    const map = page.locator('#view .ts-minimap');
    expect(await map.isVisible()).toBe(true);
    const before = await drawn();
    const box = (await map.boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height - 8);
    await settle();
    expect((await drawn()).sum).not.toBe(before.sum);
    await page.locator('#view .ts-twin').focus();
    await page.keyboard.press('Shift+F');
    await settle();
    expect(await map.isVisible()).toBe(false);
  });

  it('comes to stand where it does however fast the keys came', async () => {
    const { page } = browser;
    const keys = ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown'];
    const place = (): Promise<unknown> =>
      page.evaluate(() => {
        const { view, window } = (globalThis as any).shown.shown.stage.camera;
        return { view, window };
      });
    // The panel opens with the first of them, and takes a part of the drawing's width.
    await mount(page, golden('digits'), { width: 830 });
    await page.locator('#view .ts-twin').focus();
    for (const key of keys) {
      await page.keyboard.press(key);
      await settled(page);
    }
    const slow = await place();
    await mount(page, golden('digits'), { width: 830 });
    await page.evaluate(given => {
      const twin = document.querySelector('#view .ts-twin')!;
      for (const key of given) twin.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    }, keys);
    await settled(page);
    expect(await place()).toEqual(slow);
  });

  it('keeps an opened group’s title in place as far as what was opened has room, and brings that into sight', async () => {
    const { page } = browser;
    await mount(page, golden('columnar'), {});
    const places = async (): Promise<
      { x: number; top: number; bottom: number; high: number; zoom: number }[]
    > =>
      page.evaluate(() => {
        const { picture, stage } = (globalThis as any).shown.shown;
        const { view, window } = stage.camera;
        return picture.scene.boxes.flatMap((each: any, box: number) => {
          if (!each.group) return [];
          const { left, right, top, bottom } = picture.rect(box);
          const onPage = (y: number): number => (y - view.y) * view.zoom;
          const x = ((left + right) / 2 - view.x) * view.zoom;
          return [{ x, top: onPage(top), bottom: onPage(bottom), high: window.height, zoom: view.zoom }];
        });
      });
    const [before] = await places();
    const stage = (await page.locator('#view .ts-stage').boundingBox())!;
    await page.mouse.dblclick(stage.x + before!.x, stage.y + before!.top + 18);
    await settled(page);
    const [after] = await places();
    expect(await page.locator('#view [role=row][aria-expanded=true]').count()).toBe(1);
    expect(after!.bottom - after!.top).toBeGreaterThan(before!.bottom - before!.top);
    expect(after!.top).toBeGreaterThanOrEqual(0);
    expect(after!.top).toBeLessThanOrEqual(before!.top + 2);
    expect(after!.zoom).toBeGreaterThanOrEqual(0.7);
    const fits = after!.bottom - after!.top <= after!.high - 20;
    if (fits) expect(after!.bottom).toBeLessThanOrEqual(after!.high);
    else expect(after!.top).toBeLessThan(12);
    // Closed again, its title is where it was open, unless there is room for all of the picture again.
    await page.keyboard.press('Enter');
    await settled(page);
    const [closed] = await places();
    const { whole, inSight } = await page.evaluate(() => {
      const { picture, stage } = (globalThis as any).shown.shown;
      const { view, window } = stage.camera;
      const below = view.y + window.height / view.zoom - picture.size.height;
      return {
        whole: picture.size.height * view.zoom <= window.height - 28,
        inSight: view.y <= 0 && below >= 0,
      };
    });
    if (whole) expect(inSight).toBe(true);
    else expect(Math.abs(closed!.top - after!.top)).toBeLessThan(2);
  });

  it('moves boxes to their new places, and not at all for people who want no motion', async () => {
    const { page } = browser;
    const frames = async (): Promise<number> => {
      await mount(page, golden('digits'), {});
      await page.locator('#view .ts-twin').focus();
      await page.keyboard.press('Home');
      await settled(page);
      return page.evaluate(async () => {
        const canvas = document.querySelector('#view .ts-stage > canvas') as HTMLCanvasElement;
        const sums = new Set<string>();
        // A clock that goes by frames: a busy machine has few of them in the time of a motion.
        const { requestAnimationFrame: frame } = globalThis;
        let now = performance.now();
        performance.now = () => now;
        globalThis.requestAnimationFrame = run => frame(() => run(now));
        document.querySelector('#view .ts-twin')!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
        for (let i = 0; i < 30; i++) {
          now += 16;
          await new Promise(frame);
          sums.add(canvas.toDataURL());
        }
        return sums.size;
      });
    }; // prettier-ignore
    expect(await frames()).toBeGreaterThan(3);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await frames()).toBeLessThanOrEqual(2);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
  });

  it('says what is under the pointer, and joins the uses of a shared leaf', async () => {
    const { page } = browser;
    await mount(page, golden('columnar'), {});
    const at = await page.evaluate(() => {
      const { picture, stage } = (globalThis as any).shown.shown;
      const box = picture.scene.boxes.findIndex((each: any) => each.vertex?.use);
      const { x, y, zoom } = stage.camera.view;
      const rect = picture.rect(box);
      return {
        x: ((rect.left + rect.right) / 2 - x) * zoom,
        y: ((rect.top + rect.bottom) / 2 - y) * zoom,
      };
    });
    const stage = (await page.locator('#view .ts-stage').boundingBox())!;
    await page.mouse.move(stage.x + at.x, stage.y + at.y);
    await settle();
    expect(await page.locator('#view .ts-pointed').textContent()).toMatch(/^w · .*\d+ uses, one gradient/);
    const partners = await page.evaluate(
      () => (globalThis as any).shown.shown.stage.look.emphasis.partners.size,
    );
    expect(partners).toBeGreaterThan(0);
  });
});

describe('a search', () => {
  it('that would never end is ended, and says why; the page goes on', async () => {
    const { page } = browser;
    const long = golden('small') as any;
    long.nodes[0].name = `${'a'.repeat(60)}!`;
    await mount(page, long, {});
    await page.fill('#view .ts-find input', '/(a+)+$/');
    await page.waitForFunction(() => document.querySelector('#view .ts-fault')!.textContent !== '');
    expect(await page.locator('#view .ts-fault').textContent()).toContain('takes too long');
    await page.fill('#view .ts-find input', '/^Mul/');
    await page.waitForFunction(() => document.querySelector('#view .ts-find .ts-key')!.textContent === '1');
    expect(browser.errors).toEqual([]);
  });
});

describe('an export', () => {
  const saved = async (item: string): Promise<{ name: string; data: Buffer }> => {
    const { page } = browser;
    await page.click('#view .ts-menu > button');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: item }).click(),
    ]);
    return { name: download.suggestedFilename(), data: readFileSync((await download.path())!) };
  };

  it('is an SVG with text, or a PNG, of the view or of all', async () => {
    await mount(browser.page, golden('digits'), {});
    const all = await saved('Save all as SVG');
    expect(all.name).toBe('Backward-graph-of-cell-5.svg');
    const text = all.data.toString();
    expect(text).toContain('<title id="title">Backward graph of cell 5</title>');
    expect(text).toContain('>NllLoss</text>');
    const view = await saved('Save this view as SVG');
    expect(view.name).toBe('Backward-graph-of-cell-5-view.svg');
    expect(view.data.length).toBeLessThan(all.data.length);
    for (const item of ['Save all as PNG', 'Save this view as PNG']) {
      const { name, data } = await saved(item);
      expect(name).toBe(`Backward-graph-of-cell-5${item.includes('view') ? '-view' : ''}.png`);
      expect(data.subarray(1, 4).toString()).toBe('PNG');
    }
  });
});
