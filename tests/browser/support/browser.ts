/** Starts the system's Chromium, and keeps pictures of what the tests saw. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { FLAGS } from './flags.js';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
export const ARTIFACTS = join(ROOT, 'tests', 'browser', 'artifacts');

const EXECUTABLES = [
  process.env.TAPESCOPE_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** How many times slower the pages are than they could be: what a busy machine would show. */
const SLOW = Number(process.env.TAPESCOPE_SLOW ?? 1);

export interface Browser {
  context: BrowserContext;
  page: Page;
  /** Errors that the page itself reported. */
  errors: string[];
  close(): Promise<void>;
}

export async function launch(width: number, height: number, ratio = 2): Promise<Browser> {
  const executablePath = EXECUTABLES.find(path => path !== undefined && existsSync(path));
  if (!executablePath) throw new Error('No Chromium: install it, or name it in TAPESCOPE_CHROMIUM.');
  mkdirSync(ARTIFACTS, { recursive: true });
  const profile = mkdtempSync(join(tmpdir(), 'tapescope-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width, height },
    deviceScaleFactor: ratio,
    args: FLAGS,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  if (SLOW > 1) {
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
  }
  const errors: string[] = [];
  page.on('pageerror', error => errors.push(error.stack ?? error.message));
  const close = async (): Promise<void> => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, page, errors, close };
}

/** Pixels of the first canvas in `within` that are not of its ground. */
export function inkedPixels(page: Page, within: string): Promise<number> {
  return page.evaluate(selector => {
    const canvas = document.querySelector(`${selector} canvas`) as HTMLCanvasElement | null;
    const context = canvas?.getContext('2d');
    if (!canvas || !context || !canvas.width) return 0;
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let inked = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i] !== data[0] || data[i + 1] !== data[1] || data[i + 2] !== data[2]) inked++;
    }
    return inked;
  }, within);
}
