/** What stands in JupyterLab's toolbar: stop and restart. */
import { describe, expect, it } from 'vitest';
import { openNotebook, runCell, selectNode, setTheme, showing, shown, writeNotebook } from './support/lab.js';
import { labSuite } from './support/suite.js';

const NOTEBOOK = 'kernel.ipynb';

const GRAPH =
  'import tapescope as ts\nx = ts.tensor([1.0, 2.0], requires_grad=True)\nkept = (x * x).sum()\nkept';

const suite = labSuite(1100, 900, async (page, lab) => {
  writeNotebook(lab, NOTEBOOK, ['print("begun")\nwhile True: pass', 'print(6 * 7)', GRAPH]);
  await openNotebook(page, lab, NOTEBOOK, true);
});

const { shot } = suite;

describe('the toolbar', () => {
  it('stops a cell that runs for ever, and the next one runs', async () => {
    const { page } = suite.browser;
    await runCell(page, 0, false);
    await showing(page, 0, 'begun');
    await page.locator('jp-button[data-command="notebook:interrupt-kernel"]').click();
    await showing(page, 0, 'KeyboardInterrupt');
    expect(await shown(page, 0), 'code of the kernel').not.toContain('tapescope_kernel');
    await runCell(page, 1);
    expect(await shown(page, 1)).toContain('42');
    await shot('kernel-interrupted');
  });

  it('restarts: names are gone, numbers begin anew, and the old picture says so', async () => {
    const { page } = suite.browser;
    await runCell(page, 2);
    await page.locator('.ts-twin').waitFor({ state: 'attached', timeout: 30_000 });
    await page.locator('jp-button[data-command="notebook:restart-kernel"]').click();
    await page.locator('.jp-Dialog .jp-mod-accept').click();
    await page.waitForFunction(
      () =>
        (globalThis as any).jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status ===
          'idle' && document.querySelector('.jp-Dialog') === null,
      undefined,
      { timeout: 30_000 },
    );
    await page.evaluate(() => {
      const { content } = (globalThis as any).jupyterapp.shell.currentWidget;
      content.widgets[1].model.sharedModel.setSource('print("kept" in globals())');
    });
    await runCell(page, 1);
    expect(await shown(page, 1)).toContain('False');
    expect(
      await page.evaluate(
        () => (globalThis as any).jupyterapp.shell.currentWidget.content.widgets[1].model.executionCount,
      ),
    ).toBe(1);
    await selectNode(page, 'mul');
    await page.locator('.ts-panel').getByText('The kernel was restarted').first().waitFor();
    expect(await page.locator('.ts-dot[data-state=alive]').count()).toBe(0);
    await shot('kernel-restarted');
    await setTheme(page, 'JupyterLab Dark');
    await shot('kernel-restarted-dark');
    await setTheme(page, 'JupyterLab Light');
  });

  it('shows the values again when the cell has run again', async () => {
    const { page } = suite.browser;
    await runCell(page, 2);
    await selectNode(page, 'mul');
    await page.locator('.ts-saved-section [data-live]').waitFor();
    expect(await page.locator('.ts-dot[data-state=alive]').count()).toBe(2);
    expect(suite.browser.errors).toEqual([]);
  });
});
