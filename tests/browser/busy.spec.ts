/** A question while a cell runs: the picture says that the kernel is busy, and shows the answer when it comes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openNotebook, runCell, selectNode, setTheme, showing, writeNotebook } from './support/lab.js';
import { labSuite } from './support/suite.js';

const NOTEBOOK = 'busy.ipynb';

const BUILD = `import pathlib, time
import tapescope as ts
x = ts.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = (x * x).sum()
y`;
const WAIT = 'print("waits")\nwhile not pathlib.Path("go").exists():\n    time.sleep(0.05)\nprint("went")';

/** Ends the waiting cell. */
const go = (): void => writeFileSync(join(suite.lab.directory, 'go'), '');

const suite = labSuite(1000, 900, async (page, lab) => {
  writeNotebook(lab, NOTEBOOK, [BUILD, WAIT]);
  await openNotebook(page, lab, NOTEBOOK, true);
});

// A cell that still waits would hold the kernel's end up.
afterAll(go);

const { shot } = suite;

it('a question waits for the cell, the picture says so, and is answered', async () => {
  const { page } = suite.browser;
  await runCell(page, 0);
  await runCell(page, 1, false);
  await showing(page, 1, 'waits');
  await selectNode(page, 'mul');
  const panel = page.locator('.ts-panel');
  await panel.getByText('The kernel is running a cell.').first().waitFor();
  await shot('busy-light');
  await setTheme(page, 'JupyterLab Dark');
  await shot('busy-dark');
  await setTheme(page, 'JupyterLab Light');
  const mean = page.locator('.ts-saved-section [data-live] [data-stat=mean]');
  expect(await mean.count()).toBe(0);
  go();
  await showing(page, 1, 'went');
  await mean.waitFor();
  expect(await mean.getAttribute('title')).toBe('mean 2');
  expect(await panel.getByText('The kernel is running').count()).toBe(0);
  await shot('busy-answered');
  expect(suite.browser.errors).toEqual([]);
});
