/** A page on one notebook of the suite's JupyterLab, and the few commands that the tests give it. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Page } from 'playwright-core';
import { ROOT } from './browser.js';
import type { Lab } from './server.js';
import { settled } from './settled.js';

/** The server, with no kernels but those that the spec starts. */
export const theLab = (): Lab => inject('lab');

/** A copy of one of `notebooks/`, for the spec alone. */
export function copyNotebook(lab: Lab, notebook: string, as: string): void {
  copyFileSync(join(ROOT, 'notebooks', notebook), join(lab.directory, as));
}

/** A notebook of our kernel with these code cells. */
export function writeNotebook(lab: Lab, name: string, sources: string[]): void {
  const cells = sources.map((source, i) => ({
    cell_type: 'code',
    id: `cell-${i}`,
    source,
    metadata: {},
    outputs: [],
    execution_count: null,
  }));
  const metadata = { kernelspec: { name: 'tapescope', display_name: 'Tapescope', language: 'python' } };
  writeFileSync(
    join(lab.directory, name),
    JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }),
  );
}

/** Ends the kernels of the spec, so that they take nothing from the next one. */
export async function endKernels(lab: Lab): Promise<void> {
  const sessions = (await (await fetch(`${lab.url}/api/sessions`)).json()) as { id: string }[];
  for (const { id } of sessions) await fetch(`${lab.url}/api/sessions/${id}`, { method: 'DELETE' });
}

/** Opens a notebook alone on the page and waits for it; with `kernel`, for its kernel too. */
export async function openNotebook(page: Page, lab: Lab, name: string, kernel: boolean): Promise<void> {
  await page.goto(`${lab.url}/doc/tree/${name}?reset`);
  await page.waitForFunction(
    wanted => {
      const panel = (globalThis as any).jupyterapp?.shell?.currentWidget;
      if (!panel?.content?.widgets || !panel.context?.isReady) return false;
      return !wanted || panel.sessionContext.session?.kernel?.status === 'idle';
    },
    kernel,
    { timeout: 90_000 },
  );
}

export function command(page: Page, id: string, args: Record<string, unknown> = {}): Promise<void> {
  return page.evaluate(([name, given]) => void (globalThis as any).jupyterapp.commands.execute(name, given), [
    id,
    args,
  ] as const);
}

/** Runs all cells and waits until each has run; fails with the first error that a cell raised. */
export async function runAll(page: Page, timeout: number): Promise<void> {
  await command(page, 'notebook:run-all-cells');
  await finished(page, timeout);
}

/** Appends a code cell and makes it the active one. */
export async function addCell(page: Page, source: string): Promise<void> {
  await page.evaluate(text => {
    const { content } = (globalThis as any).jupyterapp.shell.currentWidget;
    const cell = {
      cell_type: 'code',
      source: text,
      metadata: {},
      outputs: [],
      execution_count: null,
    };
    content.model.sharedModel.insertCell(content.model.sharedModel.cells.length, cell);
    content.activeCellIndex = content.model.sharedModel.cells.length - 1;
  }, source);
}

/** Runs the active cell and waits for it. */
export async function runLast(page: Page, timeout: number): Promise<void> {
  await command(page, 'notebook:run-cell');
  await finished(page, timeout);
}

/** Makes a cell the active one, and brings it to the top. */
export async function goTo(page: Page, index: number): Promise<void> {
  await page.evaluate(async i => {
    const { content } = (globalThis as any).jupyterapp.shell.currentWidget;
    content.activeCellIndex = i;
    await content.scrollToItem(i, 'start');
  }, index);
}

/** Runs one cell; with `wait`, until it has run and the kernel is idle. */
export async function runCell(page: Page, index: number, wait = true): Promise<void> {
  await goTo(page, index);
  // In one go: a focus that is still on its way, from a box that closed, makes another cell the active one.
  await page.evaluate(i => {
    const { commands, shell } = (globalThis as any).jupyterapp;
    const { content } = shell.currentWidget;
    content.widgets[i].model.executionCount = null;
    content.activeCellIndex = i;
    void commands.execute('notebook:run-cell');
  }, index);
  if (wait) await ended(page, index);
}

/** Waits until a cell that was started has run, and the kernel is idle. */
export async function ended(page: Page, index: number): Promise<void> {
  await page.waitForFunction(
    i => {
      const { content, sessionContext } = (globalThis as any).jupyterapp.shell.currentWidget;
      return (
        content.widgets[i].model.executionCount !== null && sessionContext.session.kernel.status === 'idle'
      );
    },
    index,
    { timeout: 60_000, polling: 100 },
  );
}

/** The text of a cell's outputs, as it stands on the page. */
export function shown(page: Page, index: number): Promise<string> {
  return page.evaluate(
    i =>
      (globalThis as any).jupyterapp.shell.currentWidget.content.widgets[i].node.querySelector(
        '.jp-OutputArea',
      )?.textContent ?? '',
    index,
  );
}

/** Waits until a cell's outputs have a text. */
export async function showing(page: Page, index: number, text: string): Promise<void> {
  await page.waitForFunction(
    ([i, wanted]) =>
      (globalThis as any).jupyterapp.shell.currentWidget.content.widgets[i].node
        .querySelector('.jp-OutputArea')
        ?.textContent?.includes(wanted),
    [index, text] as const,
    { timeout: 30_000, polling: 100 },
  );
}

async function finished(page: Page, timeout: number): Promise<void> {
  await page.waitForFunction(
    () => {
      const panel = (globalThis as any).jupyterapp.shell.currentWidget;
      const code = panel.content.widgets.filter(
        (cell: any) => cell.model.type === 'code' && cell.model.sharedModel.source.trim(),
      );
      const failed = code.some((cell: any) =>
        cell.model.sharedModel.outputs.some((output: any) => output.output_type === 'error'),
      );
      const done = code.every(
        (cell: any) => cell.model.executionCount !== null && cell.model.executionState !== 'running',
      );
      return failed || (done && panel.sessionContext.session.kernel.status === 'idle');
    },
    undefined,
    { timeout, polling: 250 },
  );
  const error = await page.evaluate(() => {
    const panel = (globalThis as any).jupyterapp.shell.currentWidget;
    const outputs = panel.content.widgets.flatMap((cell: any) =>
      cell.model.type === 'code' ? cell.model.sharedModel.outputs : [],
    );
    const found = outputs.find((output: any) => output.output_type === 'error');
    return found ? `${found.ename}: ${found.evalue}` : undefined;
  });
  if (error) throw new Error(`A cell raised ${error}`);
}

/** The graph documents that the notebook holds, in the order of its outputs. */
export function documents(page: Page): Promise<any[]> {
  return page.evaluate(() => {
    const panel = (globalThis as any).jupyterapp.shell.currentWidget;
    const outputs = panel.content.widgets.flatMap((cell: any) =>
      cell.model.type === 'code' ? cell.model.sharedModel.outputs : [],
    );
    return outputs.flatMap((output: any) => output.data?.['application/vnd.tapescope.graph.v1+json'] ?? []);
  });
}

/** Value of a Python expression in the notebook's kernel, after `code`, as JSON. */
export function evaluate<Value>(page: Page, code: string, expression: string): Promise<Value> {
  return page.evaluate(
    async ([before, wanted]) => {
      const { kernel } = (globalThis as any).jupyterapp.shell.currentWidget.sessionContext.session;
      const future = kernel.requestExecute({
        code: `import json as _json\n${before}`,
        silent: true,
        store_history: false,
        user_expressions: { value: `_json.dumps(${wanted})` },
      });
      const { content } = await future.done;
      const value = content.user_expressions?.value;
      if (content.status !== 'ok' || value?.status !== 'ok')
        throw new Error(JSON.stringify(value ?? content));
      return JSON.parse(value.data['text/plain'].slice(1, -1).replace(/\\(.)/g, '$1'));
    },
    [code, expression] as const,
  );
}

export async function setTheme(page: Page, theme: 'JupyterLab Light' | 'JupyterLab Dark'): Promise<void> {
  await command(page, 'apputils:change-theme', { theme });
  await page.waitForFunction(
    light => document.body.dataset.jpThemeLight === light,
    String(theme === 'JupyterLab Light'),
    { timeout: 20_000 },
  );
  await settled(page);
}

/** In the first picture of the page, selects by the keyboard the first node whose name begins so. */
export async function selectNode(page: Page, begin: string): Promise<void> {
  const twin = page.locator('.ts-twin').first();
  await twin.waitFor({ state: 'attached', timeout: 30_000 });
  await page.locator('.ts-view').first().scrollIntoViewIfNeeded();
  await twin.focus();
  await page.keyboard.press('Home');
  await page.keyboard.type(begin);
}
