/** Both sides in one picture: the pointer or the selection on one partner shows the other, and the line between them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, type Browser } from './support/browser.js';
import { bundleHarness, golden, mount } from './support/harness.js';
import { settled } from './support/settled.js';

let browser: Browser;

beforeAll(async () => {
  await bundleHarness();
  browser = await launch(1000, 800, 1);
  await browser.page.emulateMedia({ reducedMotion: 'reduce' });
});

afterAll(() => browser?.close());

interface Place {
  x: number;
  y: number;
}

/** Where on the page the middle between the two of a pair is, and that of each. */
function pair(op: string): Promise<{ op: Place; node: Place; between: Place }> {
  return browser.page.evaluate(name => {
    const { stage, picture } = (globalThis as any).shown.shown;
    const { boxes, partners } = picture.scene;
    const one = boxes.findIndex((box: any) => box.vertex?.name === name);
    const other = partners.get(one);
    const { view } = stage.camera;
    const { left, top } = stage.element.getBoundingClientRect();
    const place = (x: number, y: number) => ({
      x: left + (x - view.x) * view.zoom,
      y: top + (y - view.y) * view.zoom,
    });
    const y = picture.layout.y[one];
    const [a, b] = [picture.rect(one), picture.rect(other)];
    return {
      op: place(picture.layout.x[one], y),
      node: place(picture.layout.x[other], y),
      between: place((a.right + b.left) / 2, y),
    };
  }, op);
}

/** The colour of the drawing there. */
function colourAt({ x, y }: Place): Promise<string> {
  return browser.page.evaluate(
    ({ x, y }) => {
      const canvas = document.querySelector('#view .ts-stage canvas') as HTMLCanvasElement;
      const { left, top } = canvas.getBoundingClientRect();
      const [r, g, b] = canvas.getContext('2d')!.getImageData(Math.round(x - left), Math.round(y - top), 1, 1).data;
      return [r, g, b].map(part => part!.toString(16).padStart(2, '0')).join('');
    },
    { x, y },
  ); // prettier-ignore
}

async function open(document: string, theme: 'light' | 'dark'): Promise<void> {
  const { page } = browser;
  await mount(page, golden(document), { theme });
  await page.locator('#view').getByText('Both', { exact: true }).click();
  await settled(page);
}

const SELECT = { light: '1976d2', dark: '64b5f6' };

describe.each(['light', 'dark'] as const)('in the %s theme', theme => {
  it('joins the partners under the pointer, from either', async () => {
    const { page } = browser;
    await open('engine_hooks', theme);
    const { op, node, between } = await pair('tanh');
    const ground = await colourAt(between);
    expect(ground).not.toBe(SELECT[theme]);
    for (const [place, words] of [
      [op, 'tanh · [5, 3] · grad_fn TanhBackward0'],
      [node, 'TanhBackward0 · [5, 3] · of tanh'],
    ] as const) {
      await page.mouse.move(place.x, place.y);
      await settled(page);
      expect(await colourAt(between)).toBe(SELECT[theme]);
      expect(await page.locator('#view .ts-pointed').textContent()).toContain(words);
    }
    await page.mouse.move(5, 5);
    await settled(page);
    expect(await colourAt(between)).toBe(ground);
    expect(browser.errors).toEqual([]);
  });

  it('joins the partners of what the keyboard is on, whatever the pointer was on between', async () => {
    const { page } = browser;
    await open('engine_hooks', theme);
    await page.locator('#view .ts-twin').focus();
    for (const key of ['t', 'a', 'n', 'h']) await page.keyboard.press(key);
    await settled(page);
    const { between, op } = await pair('tanh');
    expect(await colourAt(between)).toBe(SELECT[theme]);
    const other = await pair('nll_loss');
    await page.mouse.move(other.op.x, other.op.y);
    await settled(page);
    expect(await colourAt(other.between)).toBe(SELECT[theme]);
    await page.mouse.move(op.x, 2);
    await settled(page);
    expect(await colourAt(between)).toBe(SELECT[theme]);
    await page.keyboard.press('ArrowRight');
    await settled(page);
    expect(await page.locator('#view .ts-panel h3').textContent()).toContain('TanhBackward0');
    expect(await colourAt((await pair('tanh')).between)).toBe(SELECT[theme]);
  });
});

it('is exported with its name, both sides in it', async () => {
  const { page } = browser;
  await open('engine_hooks', 'light');
  await page.getByRole('button', { name: 'More' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByText('Save all as SVG').click(),
  ]);
  expect(download.suggestedFilename()).toBe('Forward-trace-and-backward-graph-of-cell-2.svg');
});
