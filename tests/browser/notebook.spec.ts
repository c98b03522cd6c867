/**
 * The whole line, as a user walks it: JupyterLab with our kernel runs a notebook on real data, shows the graph of a
 * cell, answers the keyboard with the kernel's own figures, changes its theme, is saved, and opens without a kernel.
 *
 * TAPESCOPE_SCREENSHOT  a file to write the README's picture to: docs/digits.png
 */
import { isAbsolute, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inkedPixels, ROOT } from './support/browser.js';
import {
  addCell,
  command,
  copyNotebook,
  documents,
  evaluate,
  openNotebook,
  runAll,
  runLast,
  setTheme,
} from './support/lab.js';
import { labSuite } from './support/suite.js';
import { settled } from './support/settled.js';

const NOTEBOOK = '02_digits.ipynb';

/** A graph whose saved variables are there to be asked for: nothing has gone backward through it. */
const FRESH = 'fresh_loss = criterion(model(train_x[:64]), train_y[:64])\nfresh_loss';

const suite = labSuite(1280, 1000, (_page, lab) => {
  copyNotebook(lab, NOTEBOOK, NOTEBOOK);
});

const { shot } = suite;

/** The last display of the notebook, where it is in sight. */
async function lastView(): Promise<string> {
  const { page } = suite.browser;
  // The notebook keeps in the page only what is near the window.
  await page.evaluate(() => {
    const { content } = (globalThis as any).jupyterapp.shell.currentWidget;
    content.activeCellIndex = content.widgets.length - 1;
    return content.scrollToItem(content.activeCellIndex, 'start');
  });
  await settled(page);
  await page.locator('.ts-view').last().scrollIntoViewIfNeeded();
  await settled(page);
  await page.evaluate(() => {
    for (const view of document.querySelectorAll('[data-test-last]')) view.removeAttribute('data-test-last');
    const views = document.querySelectorAll('.ts-view');
    views[views.length - 1]!.setAttribute('data-test-last', '');
  });
  return '[data-test-last]';
}

interface Stats {
  mean: number;
  min: number;
  max: number;
  std: number;
}

/** The figures of the panel's statistics line, exact as the hover shows them. */
function shownStats(view: string): Promise<Stats> {
  return suite.browser.page.evaluate(selector => {
    const exact = (name: string): number => {
      const part = document.querySelector(`${selector} .ts-saved-section [data-live] [data-stat=${name}]`)!;
      return Number(part.getAttribute('title')!.split(' ')[1]);
    };
    return {
      mean: exact('mean'),
      min: exact('min'),
      max: exact('max'),
      std: exact('std'),
    };
  }, view);
}

describe('02_digits in JupyterLab', () => {
  it('runs, and shows the graph of each cell that built one', async () => {
    const { page } = suite.browser;
    await openNotebook(page, suite.lab, NOTEBOOK, true);
    await runAll(page, 180_000);
    await addCell(page, FRESH);
    await runLast(page, 60_000);
    await settled(page);
    const view = await lastView();
    expect((await documents(page)).length).toBeGreaterThan(2);
    expect(await inkedPixels(page, view)).toBeGreaterThan(2000);
    expect(await page.locator(`${view} [role=row]`).count()).toBeGreaterThan(5);
    await shot('notebook');
    expect(suite.browser.errors).toEqual([]);
  });

  it('selects a node by the keyboard, and shows the kernel’s own figures of what it saved', async () => {
    const { page } = suite.browser;
    const view = await lastView();
    await page.locator(`${view} .ts-twin`).focus();
    await page.keyboard.press('Home');
    await page.keyboard.type('addmm');
    const row = page.locator(`${view} [role=row][aria-selected=true]`);
    expect(await row.locator('[role=gridcell]').first().textContent()).toMatch(/^AddmmBackward0/);
    await page.locator(`${view} .ts-saved-section [data-live]`).waitFor({ timeout: 20_000 });
    const panel = (await page.locator(`${view} .ts-panel`).textContent())!;
    expect(panel).toContain('Source');
    expect(panel).toContain('fresh_loss = criterion(model(train_x[:64]), train_y[:64])');
    expect(panel).toContain('Derivative');

    const node = Number((await row.getAttribute('data-key'))!.replace(/^n/, ''));
    const slot = await page.locator(`${view} .ts-slots tr[aria-selected=true]`).getAttribute('data-slot');
    const document = (await documents(page)).at(-1)!;
    const saved = document.saved.find((each: any) => each.node === node && each.name === slot);
    const figures = await evaluate<Stats>(
      page,
      [
        'import numpy as _np',
        'from tapescope import _C as _engine',
        `_values = _engine._find_saved(${saved.id})["tensor"].detach().numpy().astype(_np.float64)`,
      ].join('\n'),
      'dict(mean=float(_values.mean()), min=float(_values.min()), max=float(_values.max()), std=float(_values.std()))',
    );
    const shown = await shownStats(view);
    for (const name of ['mean', 'min', 'max', 'std'] as const) {
      expect(shown[name], name).toBeCloseTo(figures[name], 5);
    }
    expect(await page.locator(`${view} .ts-histogram rect`).count()).toBeGreaterThan(8);
    await page.locator(`${view} .ts-saved-section .ts-show-values`).click();
    await page.locator(`${view} .ts-values td`).first().waitFor();
    await shot('notebook-selected');
    const picture = process.env.TAPESCOPE_SCREENSHOT;
    if (picture) await page.screenshot({ path: isAbsolute(picture) ? picture : join(ROOT, picture) });
  });

  it('follows the theme', async () => {
    const { page } = suite.browser;
    await setTheme(page, 'JupyterLab Dark');
    const view = await lastView();
    const ground = await page.evaluate(selector => {
      const canvas = document.querySelector(`${selector} canvas`) as HTMLCanvasElement;
      return canvas.getContext('2d')!.getImageData(1, 1, 1, 1).data[0]!;
    }, view);
    expect(ground).toBeLessThan(64);
    await shot('notebook-dark');
    await setTheme(page, 'JupyterLab Light');
  });

  it('says that the values are gone when the kernel restarts', async () => {
    const { page } = suite.browser;
    await page.evaluate(() =>
      (globalThis as any).jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(),
    );
    const view = await lastView();
    await page.waitForFunction(
      selector =>
        document.querySelector(`${selector} .ts-panel`)?.textContent?.includes('The kernel was restarted'),
      view,
      { timeout: 30_000 },
    );
    await shot('notebook-restarted');
  });

  it('opens again without a kernel: the picture is there, and it says what is not', async () => {
    const { page } = suite.browser;
    await command(page, 'docmanager:save');
    await page.waitForFunction(() => !(globalThis as any).jupyterapp.shell.currentWidget.context.model.dirty);
    await page.evaluate(() => (globalThis as any).jupyterapp.shell.currentWidget.sessionContext.shutdown());
    await page.goto('about:blank');
    await openNotebook(page, suite.lab, NOTEBOOK, true);
    await page.evaluate(() => (globalThis as any).jupyterapp.shell.currentWidget.sessionContext.shutdown());
    await settled(page);
    const view = await lastView();
    await shot('notebook-reopened');
    expect(await inkedPixels(page, view)).toBeGreaterThan(2000);
    await page.locator(`${view} .ts-twin`).focus();
    await page.keyboard.press('Home');
    await page.keyboard.type('addmm');
    const panel = page.locator(`${view} .ts-panel`);
    expect(await panel.textContent()).toContain('No kernel.');
    expect(await panel.textContent()).toContain('Derivative');
    expect(await page.locator(`${view} .ts-slots .ts-dot[data-state=stored]`).count()).toBeGreaterThan(0);
    await shot('notebook-no-kernel');
    expect(suite.browser.errors).toEqual([]);
  });
});
