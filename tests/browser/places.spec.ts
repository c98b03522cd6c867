/** In JupyterLab: places lead to their cells, whatever became of those, and a kernel is started from the panel. */
import { describe, expect, it } from 'vitest';
import { addCell, command, copyNotebook, openNotebook } from './support/lab.js';
import { labSuite } from './support/suite.js';
import { settled } from './support/settled.js';

const NOTEBOOK = 'places.ipynb';

/** Two cells: a node made in the first, by a call in the second. */
const MAKES = 'import tapescope as ts\n\ndef square(x):\n    return x * x';
const CALLS = 'x = ts.tensor([1.0, 2.0, 3.0], requires_grad=True)\nkept = square(x).sum()\nkept';

const suite = labSuite(1280, 900, (_page, lab) => {
  copyNotebook(lab, '01_first_backward.ipynb', NOTEBOOK);
});

const { shot } = suite;

/** Runs the active cell, and waits for it alone: the others of the notebook have no part in this. */
async function run(): Promise<void> {
  const { page } = suite.browser;
  await command(page, 'notebook:run-cell');
  await page.waitForFunction(
    () => {
      const { content, sessionContext } = (globalThis as any).jupyterapp.shell.currentWidget;
      const { executionCount } = content.activeCell.model;
      return executionCount !== null && sessionContext.session.kernel.status === 'idle';
    },
    undefined,
    { timeout: 60_000, polling: 200 },
  );
}

/** The display, in sight, with the product's node selected. */
async function select(): Promise<void> {
  const { page } = suite.browser;
  await page.evaluate(() => {
    const { content } = (globalThis as any).jupyterapp.shell.currentWidget;
    content.activeCellIndex = content.widgets.length - 1;
    return content.scrollToItem(content.activeCellIndex, 'start');
  });
  await page.locator('.ts-twin').waitFor({ state: 'attached', timeout: 30_000 });
  await page.locator('.ts-view').scrollIntoViewIfNeeded();
  await settled(page);
  await page.locator('.ts-twin').focus();
  await page.keyboard.press('Home');
  await page.keyboard.type('mul');
}

interface Cursor {
  fromEnd: number;
  selected: string;
}

/** Which cell, counted from the end, has the cursor, and what it selects. */
async function cursor(): Promise<Cursor> {
  const { page } = suite.browser;
  await page.waitForFunction(
    () => (globalThis as any).jupyterapp.shell.currentWidget.content.activeCell.editor?.hasFocus(),
    undefined,
    { timeout: 15_000 },
  );
  await settled(page);
  return page.evaluate(() => {
    const { content } = (globalThis as any).jupyterapp.shell.currentWidget;
    const { editor } = content.activeCell;
    const { start, end } = editor.getSelection();
    return {
      fromEnd: content.widgets.length - content.activeCellIndex,
      selected: editor.getLine(start.line).slice(start.column, end.column),
    };
  });
}

const said = async (): Promise<string> => (await suite.browser.page.locator('.ts-said').textContent()) ?? '';
const made = () => suite.browser.page.locator('.ts-source-section h4 .ts-link');

describe('places in JupyterLab', () => {
  it('lead by the keyboard to the line that made a node', async () => {
    const { page } = suite.browser;
    await openNotebook(page, suite.lab, NOTEBOOK, true);
    for (const source of [MAKES, CALLS]) {
      await addCell(page, source);
      await run();
    }
    await select();
    await shot('places');
    await made().focus();
    await page.keyboard.press('Enter');
    expect(await cursor()).toEqual({ fromEnd: 2, selected: 'x * x' });
    expect(await said()).toBe('');
    await shot('places-gone-to');
  });

  it('say when the cell was edited since', async () => {
    const { page } = suite.browser;
    await page.evaluate(() => {
      const { content } = (globalThis as any).jupyterapp.shell.currentWidget;
      content.widgets.at(-2).model.sharedModel.setSource('something = "else"');
    });
    await made().click();
    expect(await cursor()).toEqual({ fromEnd: 2, selected: 'something = "else"' });
    expect(await said()).toMatch(/^Cell \d+ was edited since/);
  });

  it('say when the cell is gone, and go nowhere', async () => {
    const { page } = suite.browser;
    await page.evaluate(() => {
      const { sharedModel } = (globalThis as any).jupyterapp.shell.currentWidget.content.model;
      sharedModel.deleteCell(sharedModel.cells.length - 2);
    });
    await made().click();
    await page.waitForFunction(() => document.querySelector('.ts-said')?.textContent?.includes('no longer'));
    expect(await said()).toMatch(/^Cell \d+ is no longer in this notebook\.$/);
    await shot('places-cell-gone');
    expect(suite.browser.errors).toEqual([]);
  });
});

describe('a notebook without a kernel', () => {
  it('has one started from the panel, which then says what is gone', async () => {
    const { page } = suite.browser;
    await page.evaluate(() => (globalThis as any).jupyterapp.shell.currentWidget.sessionContext.shutdown());
    await select();
    const state = page.locator('.ts-panel [role=status]');
    expect(await state.textContent()).toContain('No kernel.');
    await state.getByRole('button', { name: 'Start kernel' }).click();
    await page.waitForFunction(
      () =>
        document
          .querySelector('.ts-panel [role=status]')
          ?.textContent?.includes('The values of the earlier run are gone'),
      undefined,
      { timeout: 60_000 },
    );
    await shot('kernel-started');
    expect(await page.locator('.ts-dot[data-state=alive]').count()).toBe(0);
    expect(suite.browser.errors).toEqual([]);
  });

  it('shows the new values once the cell has run again', async () => {
    const { page } = suite.browser;
    await page.evaluate(() => {
      const { content } = (globalThis as any).jupyterapp.shell.currentWidget;
      content.activeCellIndex = content.widgets.length - 1;
      content.activeCell.model.sharedModel.setSource(
        'import tapescope as ts\nx = ts.tensor([1.0, 2.0, 3.0], requires_grad=True)\nkept = (x * x).sum()\nkept',
      );
      content.activeCell.model.executionCount = null;
    });
    await run();
    await select();
    await page.locator('.ts-saved-section [data-live]').waitFor({ timeout: 20_000 });
    expect(await page.locator('.ts-dot[data-state=alive]').count()).toBe(2);
    expect(suite.browser.errors).toEqual([]);
  });
});
