/** The view on a plain page: bundles the core and opens harness/index.html with a document. */
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { ARTIFACTS, ROOT } from './browser.js';
import { settled } from './settled.js';

const HARNESS = join(ARTIFACTS, 'harness');

export async function bundleHarness(): Promise<void> {
  mkdirSync(HARNESS, { recursive: true });
  await build({
    entryPoints: [join(ROOT, 'widgets', 'src', 'core.ts')],
    outfile: join(HARNESS, 'core.js'),
    bundle: true,
    format: 'iife',
    globalName: 'tapescope',
    target: 'es2022',
  });
  cpSync(join(ROOT, 'tests', 'browser', 'harness', 'index.html'), join(HARNESS, 'index.html'));
  await build({
    entryPoints: [join(ROOT, 'widgets', 'style', 'index.css')],
    outfile: join(HARNESS, 'view.css'),
    bundle: true,
  });
}

export function golden(name: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, 'tests', 'golden', `${name}.json`), 'utf8'));
}

export interface Setting {
  theme?: 'light' | 'dark';
  width?: number;
  /** Answers that a kernel would give, by method; absent: no kernel. */
  answers?: Record<string, unknown>;
  /** State of the kernel when there are answers. */
  state?: string;
  /** How going to a cell ends; absent: places are words. */
  went?: string;
  /** Whether a kernel can be started: `never` is one that takes its time. */
  start?: 'never' | 'fails';
}

/** Shows `document` alone on the page. */
export async function mount(page: Page, document: unknown, setting: Setting = {}): Promise<void> {
  await page.goto(`file://${join(HARNESS, 'index.html')}`);
  await page.evaluate(
    ({ document: shown, setting: { theme, width, answers, state, went, start } }) => {
      const { body } = globalThis.document;
      body.dataset.jpThemeLight = String(theme !== 'dark');
      const place = globalThis.document.getElementById('view')!;
      place.style.width = `${width ?? 900}px`;
      const { GraphView, StaticHost, RequestError } = (globalThis as unknown as { tapescope: any }).tapescope;
      const starts = {
        never: () => new Promise(() => undefined),
        fails: () => Promise.reject(new Error('the kernel died')),
      };
      const host = answers && {
        ...(went ? { goTo: () => Promise.resolve(went) } : {}),
        ...(start ? { start: starts[start] } : {}),
        state: state ?? 'live',
        running: 9,
        onChange: () => () => undefined,
        dispose: () => undefined,
        request: (method: string) => {
          const answer = answers[method] as any;
          if (answer === 'never') return new Promise(() => undefined);
          if (!answer) return Promise.reject(new RequestError('absent', 'There is none.'));
          if (answer.code) return Promise.reject(new RequestError(answer.code, answer.message));
          const buffers = (answer.buffers ?? []).map(
            (list: number[]) => new DataView(Float64Array.from(list).buffer),
          );
          return Promise.resolve({ result: answer.result, buffers });
        },
      };
      (globalThis as any).shown = new GraphView(place, shown, host ?? new StaticHost());
    },
    { document, setting },
  );
  await settled(page);
}
