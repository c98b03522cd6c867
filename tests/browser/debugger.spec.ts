/** JupyterLab's debugger on a cell that builds a graph: a breakpoint, a tensor among the variables, a step, the end. */
import { describe, expect, it } from 'vitest';
import { openNotebook, runCell, showing, writeNotebook } from './support/lab.js';
import { labSuite } from './support/suite.js';

const NOTEBOOK = 'debugger.ipynb';

const CELL = `def scale(v, k):
    w = v * k
    return w.sum()

result = scale(x, 3)
result`;

const suite = labSuite(1400, 900, async (page, lab) => {
  writeNotebook(lab, NOTEBOOK, [
    'import tapescope as ts\nx = ts.tensor([1.0, 2.0, 3.0], requires_grad=True)',
    CELL,
  ]);
  await openNotebook(page, lab, NOTEBOOK, true);
});

const { shot } = suite;

/** A button above the call stack. */
const press = (name: string): Promise<void> =>
  suite.browser.page.locator(`.jp-DebuggerSidebar [data-command="debugger:${name}"]`).click();

/** Waits until the program stands at the line whose text this is. */
const standsAt = (line: string): Promise<void> =>
  suite.browser.page.locator('.jp-DebuggerEditor-highlight', { hasText: line }).waitFor();

/** Waits until the variables have this among their values. */
const variable = (name: string, facts: string): Promise<void> =>
  suite.browser.page
    .locator('.jp-DebuggerVariables-body jp-tree-item', { hasText: new RegExp(`^${name}\\W*Tensor`) })
    .getByText(facts)
    .waitFor();

describe('the debugger', () => {
  it('stops at a breakpoint that was set in the gutter', async () => {
    const { page } = suite.browser;
    await runCell(page, 0);
    await page.locator('.jp-DebuggerBugButton').click();
    await page.locator('.jp-DebuggerSidebar').waitFor({ timeout: 60_000 });
    // As wide as a tensor's facts are long.
    const edge = (await page.locator('#jp-right-stack').boundingBox())!;
    await page.mouse.move(edge.x - 1, 500);
    await page.mouse.down();
    await page.mouse.move(edge.x - 300, 500, { steps: 4 });
    await page.mouse.up();
    const gutter = page.locator('.jp-Cell').nth(1).locator('.cm-breakpoint-gutter .cm-gutterElement');
    // The first element is the gutter's spacer: this is line 2.
    await gutter.nth(2).waitFor({ state: 'attached' });
    await gutter.nth(2).click();
    await page.locator('.cm-breakpoint-icon:visible').first().waitFor();
    await runCell(page, 1, false);
    await standsAt('w = v * k');
    const frames = page.locator('.jp-DebuggerCallstackFrame-name');
    const message = 'the kernel’s own are not shown';
    await expect.poll(() => frames.allTextContents(), { message }).toEqual(['scale', '<module>']);
  });

  it('shows a tensor by its shape, dtype and statistics', async () => {
    await variable('v', 'Tensor (3,) float32, min 1, mean 2, max 3, requires_grad');
    await shot('debugger-stopped');
  });

  it('steps over a line, whose result is among the variables', async () => {
    await press('next');
    await standsAt('return w.sum()');
    await variable('w', 'Tensor (3,) float32, min 3, mean 6, max 9, grad_fn=MulBackward0');
    await shot('debugger-stepped');
  });

  it('goes on to the end of the cell, whose graph is shown', async () => {
    const { page } = suite.browser;
    await press('continue');
    await showing(page, 1, 'tensor(18., grad_fn=<SumBackward0>)');
    await page.locator('.ts-twin').waitFor({ state: 'attached', timeout: 30_000 });
    await shot('debugger-done');
    expect(suite.browser.errors).toEqual([]);
  });
});
