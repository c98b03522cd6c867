/** What stands around and over the drawing: all of it is in sight, and covers nothing that is looked for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, type Browser } from './support/browser.js';
import { bundleHarness, golden, mount } from './support/harness.js';
import { settled } from './support/settled.js';

interface Edges {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

let browser: Browser;

beforeAll(async () => {
  await bundleHarness();
  browser = await launch(1000, 900);
});

afterAll(() => browser?.close());

const edges = (selector: string): Promise<Edges> =>
  browser.page.locator(`#view ${selector}`).evaluate(element => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return { left, right, top, bottom };
  });

const isWithin = (inner: Edges, outer: Edges): boolean =>
  inner.left >= outer.left - 0.5 &&
  inner.right <= outer.right + 0.5 &&
  inner.top >= outer.top - 0.5 &&
  inner.bottom <= outer.bottom + 0.5;

async function press(...keys: string[]): Promise<void> {
  const { page } = browser;
  await page.locator('#view .ts-twin').focus();
  for (const key of keys) {
    await page.keyboard.press(key);
    await settled(page);
  }
}

/** Where the selection is on the page: of a frame, its title. */
const chosen = (): Promise<Edges> =>
  browser.page.evaluate(() => {
    const { picture, stage } = (globalThis as any).shown.shown;
    const { view } = stage.camera;
    const corner = stage.element.getBoundingClientRect();
    const { left, right, top, bottom } = picture.heading(stage.look.emphasis.selected);
    const x = (at: number): number => corner.left + (at - view.x) * view.zoom;
    const y = (at: number): number => corner.top + (at - view.y) * view.zoom;
    return { left: x(left), right: x(right), top: y(top), bottom: y(bottom) };
  });

describe('the minimap', () => {
  it('shows where the window is', async () => {
    await mount(browser.page, golden('digits'), {});
    const map = await edges('.ts-minimap');
    const frame = await edges('.ts-minimap-frame');
    expect(isWithin(frame, map)).toBe(true);
    expect((frame.right - frame.left) * (frame.bottom - frame.top)).toBeGreaterThan(200);
  });
});

describe('the menu', () => {
  const open = async (): Promise<{ inside: boolean; scrolls: boolean }> => {
    const { page } = browser;
    await page.click('#view .ts-menu > button');
    const scrolls = await page
      .locator('#view .ts-menu-list')
      .evaluate(list => list.scrollHeight > list.clientHeight);
    return { inside: isWithin(await edges('.ts-menu-list'), await edges('.ts-view')), scrolls };
  };

  it('is as high as it needs to be where the display allows', async () => {
    await mount(browser.page, golden('digits'), {});
    expect(await open()).toEqual({ inside: true, scrolls: false });
  });

  it('scrolls in a display that is too low, and stays in it', async () => {
    await mount(browser.page, golden('small'), { width: 500 });
    expect(await open()).toEqual({ inside: true, scrolls: true });
    await browser.page.keyboard.press('End');
    const last = await edges('.ts-menu-list button:last-child');
    expect(isWithin(last, await edges('.ts-menu-list'))).toBe(true);
  });
});

describe('the legend', () => {
  it('is no wider than its words need, in each direction', async () => {
    await mount(browser.page, golden('digits'), {});
    await press('Shift+L', 'Shift+B', 'Shift+B');
    const { left, right } = await edges('.ts-legend');
    expect(right - left).toBeLessThanOrEqual(300);
  });
});

describe('the panel', () => {
  it('has its ring where nothing cuts it', async () => {
    await mount(browser.page, golden('digits'), {});
    await press('Home', 'ArrowDown', 'ArrowDown', 'Enter');
    const [focused, offset] = await browser.page
      .locator('#view .ts-panel')
      .evaluate(panel => [
        panel === document.activeElement,
        parseFloat(getComputedStyle(panel).outlineOffset),
      ]);
    expect(focused).toBe(true);
    expect(offset).toBeLessThanOrEqual(-2);
  });
});

describe('a refusal', () => {
  it('has space between the sign and its words', async () => {
    await mount(browser.page, { ...(golden('small') as object), version: '3.1' }, {});
    expect((await edges('.ts-header b')).left - (await edges('.ts-logo')).right).toBeGreaterThanOrEqual(6);
  });
});

describe.each([360, 600, 900])('what is looked at, in %d pixels,', width => {
  it.each([
    ['begins in sight goes down with the drawing', ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown'], true],
    ['was moved stays where it is', ['End'], false],
  ] as const)('is said in a row of its own: a picture that %s', async (_, keys, down) => {
    await mount(browser.page, golden('digits'), { width });
    await press(...keys);
    const [before, stageBefore] = [await chosen(), await edges('.ts-stage')];
    expect(isWithin(before, stageBefore)).toBe(true);
    await press('Shift+K');
    const [after, stage] = [await chosen(), await edges('.ts-stage')];
    expect((await edges('.ts-focusbar')).bottom).toBeLessThanOrEqual(stage.top);
    expect(isWithin(after, stage)).toBe(true);
    const lower = stage.top - stageBefore.top;
    expect(lower).toBeGreaterThan(0);
    // Unless it has to move for the selection to stay in sight.
    const stays = before.top > stage.top + 12 && before.bottom + lower < stage.bottom - 12;
    if (stays) expect(after.top - before.top).toBeCloseTo(down ? lower : 0, 0);
    await press('Escape', 'Escape', 'Escape', 'Escape');
    expect(await browser.page.locator('#view .ts-focusbar').isVisible()).toBe(false);
  });
});

describe.each([360, 600, 1000])('the outline, in %d pixels,', width => {
  it('leaves room for the drawing, header and footer, and cuts no fact', async () => {
    const { page } = browser;
    const long = golden('digits') as { nodes: { name: string }[] };
    for (const node of long.nodes)
      if (node.name !== 'AccumulateGrad') node.name = `${'Long'.repeat(12)}${node.name}`;
    await mount(page, long, { width });
    await press('Shift+O', 'Home', 'ArrowDown');
    const outline = await edges('.ts-outline');
    expect(outline.top).toBeGreaterThanOrEqual((await edges('.ts-header')).bottom - 1);
    expect(outline.bottom).toBeLessThanOrEqual((await edges('.ts-footer')).top + 1);
    const stage = await edges('.ts-stage');
    expect(Math.min(stage.right - stage.left, stage.bottom - stage.top)).toBeGreaterThan(120);
    const cut = await page.locator('#view .ts-outline .ts-fact:last-child').evaluateAll(cells =>
      cells.flatMap(cell => {
        const { right, bottom, left } = cell.getBoundingClientRect();
        // A fact that has no room is in a line below, which is not shown.
        return [...cell.children]
          .map(fact => fact.getBoundingClientRect())
          .filter(fact => fact.top < bottom && (fact.right > right + 1 || fact.left < left - 1))
          .map(() => cell.textContent);
      }),
    );
    expect(cut).toEqual([]);
  });
});

describe('another direction', () => {
  it('has the height that its first picture needs, and shows it from its first view', async () => {
    const { page } = browser;
    await mount(page, golden('inplace'), {});
    const high = (): Promise<number> =>
      page.locator('#view .ts-view').evaluate(view => (view as HTMLElement).offsetHeight);
    const before = await high();
    await press('Shift+B', 'Shift+B');
    const both = await high();
    expect(both).toBeGreaterThan(before);
    expect(both).toBeLessThanOrEqual(560);
    const [view, first] = await page.evaluate(() => {
      const { camera, focus } = (globalThis as any).shown.shown.stage;
      const now = camera.view;
      camera.placeFirst(focus);
      return [now, camera.view];
    });
    expect(view).toEqual(first);
    await press('Shift+B');
    expect(await high()).toBe(both);
  });
});

describe('a chevron', () => {
  /** So that the next click is none of a double click. */
  const later = (): Promise<void> =>
    browser.page.evaluate(() => {
      const now = performance.now.bind(performance);
      performance.now = () => now() + 1000;
    });
  const groups = (): Promise<{ key: string; open: boolean; x: number; y: number }[]> =>
    browser.page.evaluate(() => {
      const { picture, stage } = (globalThis as any).shown.shown;
      const { view } = stage.camera;
      const { left, top } = stage.element.getBoundingClientRect();
      return picture.scene.boxes.flatMap(({ group, open, key }: any, box: number) => {
        if (!group) return [];
        const rect = picture.rect(box);
        return [
          {
            key,
            open,
            x: left + Math.max(0, rect.left - view.x) * view.zoom + 14,
            y: top + (rect.top - view.y) * view.zoom + 14,
          },
        ];
      });
    });
  const group = async (wanted: string): Promise<{ open: boolean; x: number; y: number }> =>
    (await groups()).find(({ key }) => key === wanted)!;

  it('opens with one click and closes with the next, and a double click is one', async () => {
    const { page } = browser;
    await mount(page, golden('columnar'), {});
    const { key } = (await groups()).find(({ open }) => !open)!;
    let { x, y } = await group(key);
    await page.mouse.move(x, y);
    expect(await page.locator('#view .ts-stage').evaluate(stage => getComputedStyle(stage).cursor)).toBe(
      'pointer',
    );
    await page.mouse.click(x, y);
    await settled(page);
    expect((await group(key)).open).toBe(true);
    await later();
    ({ x, y } = await group(key));
    await page.mouse.click(x, y);
    await settled(page);
    expect((await group(key)).open).toBe(false);
    await later();
    ({ x, y } = await group(key));
    await page.mouse.dblclick(x, y);
    await settled(page);
    expect((await group(key)).open).toBe(true);
    expect(await page.locator('#view [role=row][aria-selected=true]').getAttribute('data-key')).toBe(key);
  });

  it('leaves a click elsewhere in the box to the selection', async () => {
    const { page } = browser;
    await mount(page, golden('columnar'), {});
    const { key, x, y } = (await groups()).find(({ open }) => !open)!;
    await page.mouse.click(x + 60, y + 2);
    await settled(page);
    expect((await group(key)).open).toBe(false);
    expect(await page.locator('#view [role=row][aria-selected=true]').getAttribute('data-key')).toBe(key);
  });
});

describe('a group that is closed again', () => {
  it('leaves the picture whole where it has room', async () => {
    const { page } = browser;
    await mount(page, golden('columnar'), {});
    const out = (): Promise<boolean> =>
      page.evaluate(() => {
        const { picture, stage } = (globalThis as any).shown.shown;
        const { view, window } = stage.camera;
        const { width, height } = picture.size;
        return (
          view.x > 1 ||
          view.y > 1 ||
          view.x + window.width / view.zoom < width - 1 ||
          view.y + window.height / view.zoom < height - 1
        );
      });
    await press('Home');
    const [row] = await page.locator('#view [role=row][aria-expanded=false]').all();
    const key = await row!.getAttribute('data-key');
    await page.evaluate(wanted => {
      const { shown } = (globalThis as any).shown;
      shown.select(wanted, false);
    }, key);
    await press('Enter');
    // Scrolled on, down to the end of what was opened.
    await page.evaluate(() => {
      const { stage } = (globalThis as any).shown.shown;
      const { view } = stage.camera;
      stage.camera.move({ ...view, y: view.y + 150 });
    });
    await settled(page);
    expect(await out()).toBe(true);
    await press('Enter');
    expect(await out()).toBe(false);
  });
});
