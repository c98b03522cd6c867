/** JupyterLab's debugger on a cell that builds a graph: a breakpoint, a tensor among the variables, a step, the end. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACTS, launch, type Browser } from './support/browser.js';
import { command, endKernels, openNotebook, runCell, showing, theLab, writeNotebook } from './support/lab.js';

const NOTEBOOK = 'debugger.ipynb';
const lab = theLab();

const CELL = `def scale(v, k):
    w = v * k
    return w.sum()

result = scale(x, 3)
result`;

let browser: Browser;

beforeAll(async () => {
  writeNotebook(lab, NOTEBOOK, [
    'import tapescope as ts\nx = ts.tensor([1.0, 2.0, 3.0], requires_grad=True)',
    CELL,
  ]);
  browser = await launch(1400, 900);
  await openNotebook(browser.page, lab, NOTEBOOK, true);
});

afterAll(async () => {
  await browser?.close();
  await endKernels(lab);
});

const shot = (name: string): Promise<Buffer> =>
  browser.page.screenshot({ path: join(ARTIFACTS, `${name}.png`) });

/** The line at which the program stands, as the debugger's sidebar says. */
const callstack = () => browser.page.locator('.jp-DebuggerCallstack-body');

describe('the debugger', () => {
  it('stops at a breakpoint that was set in the gutter', async () => {
    const { page } = browser;
    await runCell(page, 0);
    await page.locator('.jp-DebuggerBugButton').click();
    await page.locator('.jp-DebuggerSidebar').waitFor({ timeout: 60_000 });
    const gutter = page.locator('.jp-Cell').nth(1).locator('.cm-breakpoint-gutter .cm-gutterElement');
    await gutter.nth(3).waitFor({ state: 'attached', timeout: 30_000 });
    // The first element is the gutter's spacer: this is line 3.
    await gutter.nth(3).click();
    await page.locator('.cm-breakpoint-icon:visible').first().waitFor({ timeout: 30_000 });
    await runCell(page, 1, false);
    await page.waitForFunction(
      () => document.querySelector('.jp-DebuggerCallstack-body')?.textContent?.includes('scale'),
      undefined,
      { timeout: 60_000 },
    );
    expect(await callstack().textContent()).toContain('scale');
  });

  it('shows a tensor by its shape, dtype and statistics', async () => {
    await browser.page.waitForFunction(
      facts => document.querySelector('.jp-DebuggerVariables')?.textContent?.includes(facts),
      '(3,) float32, min 3, mean 6, max 9, grad_fn=MulBackward0',
      { timeout: 30_000 },
    );
    await shot('debugger-stopped');
  });

  it('goes on to the end of the cell, whose graph is shown', async () => {
    const { page } = browser;
    await command(page, 'debugger:continue');
    await showing(page, 1, 'tensor(18., grad_fn=<SumBackward0>)');
    await page.locator('.ts-twin').waitFor({ state: 'attached', timeout: 30_000 });
    await shot('debugger-done');
    expect(browser.errors).toEqual([]);
  });
});
