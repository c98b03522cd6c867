/** What asks, and what is wiped: input(), getpass(), clear_output. */
import { describe, expect, it } from 'vitest';
import { ended, openNotebook, runCell, shown, writeNotebook } from './support/lab.js';
import { labSuite } from './support/suite.js';

const NOTEBOOK = 'input.ipynb';

const suite = labSuite(1000, 700, async (page, lab) => {
  writeNotebook(lab, NOTEBOOK, [
    'name = input("your name? ")\nprint("hello", name)',
    'from getpass import getpass\nword = getpass("the word? ")\nprint(len(word), "letters")',
    `from IPython.display import clear_output
for turn in range(3):
    clear_output(wait=True)
    print("turn", turn)`,
    'print("wiped")\nclear_output()\nprint("after")',
  ]);
  await openNotebook(page, lab, NOTEBOOK, true);
});

const { shot } = suite;

describe('a cell that asks', () => {
  it('input() shows its prompt, and what was typed stays', async () => {
    const { page } = suite.browser;
    await runCell(page, 0, false);
    const box = page.locator('.jp-Stdin-input');
    await box.waitFor();
    expect(await page.locator('.jp-Stdin-prompt').textContent()).toBe('your name? ');
    await box.fill('Ada');
    await shot('input-asks');
    await box.press('Enter');
    // JupyterLab runs no other cell before this one has its answer and has ended.
    await ended(page, 0);
    expect(await shown(page, 0)).toMatch(/your name\? +Ada\s*hello Ada/);
  });

  it('getpass() hides what is typed, and nothing of it stays', async () => {
    const { page } = suite.browser;
    await runCell(page, 1, false);
    const box = page.locator('input[type=password].jp-Stdin-input');
    await box.waitFor();
    await box.fill('swordfish');
    await box.press('Enter');
    await ended(page, 1);
    expect(await shown(page, 1)).toContain('9 letters');
    expect(await page.content()).not.toContain('swordfish');
  });
});

describe('clear_output', () => {
  it('leaves what is printed last', async () => {
    const { page } = suite.browser;
    await runCell(page, 2);
    expect((await shown(page, 2)).trim()).toBe('turn 2');
    await runCell(page, 3);
    expect((await shown(page, 3)).trim()).toBe('after');
    await shot('input');
    expect(suite.browser.errors).toEqual([]);
  });
});
