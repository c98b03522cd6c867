/** A stored notebook in a real JupyterLab, beside kept pictures: with the fonts and colours that it gives the view. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { golden } from './support/harness.js';
import { compare } from './support/kept.js';
import { openNotebook, setTheme } from './support/lab.js';
import { labSuite } from './support/suite.js';
import { settled } from './support/settled.js';

const NOTEBOOK = 'stored.ipynb';
const MIME = 'application/vnd.tapescope.graph.v1+json';

const suite = labSuite(1000, 900, (_page, lab) => {
  const output = { output_type: 'display_data', data: { [MIME]: golden('digits') }, metadata: {} };
  const cell = { cell_type: 'code', id: 'a', source: 'loss.backward()', metadata: {}, outputs: [output], execution_count: 5 };
  writeFileSync(
    join(lab.directory, NOTEBOOK),
    JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 }),
  );
}, 1); // prettier-ignore

describe('a stored display', () => {
  it.each(['Light', 'Dark'] as const)('looks as it did in JupyterLab’s %s theme', async theme => {
    const { page } = suite.browser;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await openNotebook(page, suite.lab, NOTEBOOK, false);
    await page.locator('.jp-Dialog button', { hasText: 'No Kernel' }).click();
    await page.locator('.jp-Dialog').waitFor({ state: 'detached' });
    await setTheme(page, `JupyterLab ${theme}`);
    const view = page.locator('.ts-view').first();
    await view.waitFor();
    // The notebook takes the focus back once its dialog has gone.
    await settled(page);
    await view.locator('.ts-twin').focus();
    for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    await settled(page);
    const png = await view.screenshot();
    expect(await compare(page, `lab-${theme.toLowerCase()}`, png)).toBeUndefined();
    expect(suite.browser.errors).toEqual([]);
  });
});
