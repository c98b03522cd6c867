/** What a spec on the suite's JupyterLab has for its tests: a browser of its own, and no kernels left over. */
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Page } from 'playwright-core';
import { ARTIFACTS, launch, type Browser } from './browser.js';
import { endKernels, theLab } from './lab.js';
import type { Lab } from './server.js';

export interface Suite {
  readonly lab: Lab;
  /** There from the first test on. */
  readonly browser: Browser;
  /** Keeps a picture of the page. */
  shot(name: string): Promise<Buffer>;
}

/** Call at the top of a spec. `prepare` runs once the browser is there. */
export function labSuite(
  width: number,
  height: number,
  prepare: (page: Page, lab: Lab) => void | Promise<void>,
  ratio = 2,
): Suite {
  const lab = theLab();
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launch(width, height, ratio);
    await prepare(browser.page, lab);
  });
  afterAll(async () => {
    await browser?.close();
    await endKernels(lab);
  });
  return {
    lab,
    get browser(): Browser {
      return browser!;
    },
    shot: name => browser!.page.screenshot({ path: join(ARTIFACTS, `${name}.png`) }),
  };
}
