/** A JupyterLab of the tests' own: its server, a page on one notebook, and the few commands that the tests give it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';

export interface Lab {
  url: string;
  /** Where the copies of the notebooks lie. */
  directory: string;
  stop(): Promise<void>;
}

const START_LIMIT = 90_000;

/** Starts a server on copies of `notebooks`, apart from the user's own settings and workspaces. */
export async function startLab(python: string, notebooks: string[]): Promise<Lab> {
  const base = mkdtempSync(join(tmpdir(), 'tapescope-lab-'));
  const directory = join(base, 'notebooks');
  mkdirSync(directory);
  const settings = join(base, 'settings', '@jupyterlab', 'apputils-extension');
  mkdirSync(settings, { recursive: true });
  // Asks nobody for news: the question would stand over the page.
  writeFileSync(
    join(settings, 'notification.jupyterlab-settings'),
    JSON.stringify({ fetchNews: 'false', checkForUpdates: false }),
  );
  for (const notebook of notebooks) copyFileSync(notebook, join(directory, basename(notebook)));
  const options = [
    '--no-browser',
    '--allow-root',
    '--ip=127.0.0.1',
    '--port=0',
    '--IdentityProvider.token=',
    '--ServerApp.disable_check_xsrf=True',
    `--ServerApp.root_dir=${directory}`,
    '--LabApp.expose_app_in_browser=True',
    '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate',
  ];
  const place = (name: string): string => join(base, name);
  const server = spawn(python, ['-m', 'jupyterlab', ...options], {
    env: {
      ...process.env,
      JUPYTER_CONFIG_DIR: place('config'),
      JUPYTER_RUNTIME_DIR: place('runtime'),
      JUPYTERLAB_SETTINGS_DIR: place('settings'),
      JUPYTERLAB_WORKSPACES_DIR: place('workspaces'),
      IPYTHONDIR: place('ipython'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = await addressOf(server);
  const stop = async (): Promise<void> => {
    if (server.exitCode === null) {
      const ended = new Promise(resolve => server.once('exit', resolve));
      server.kill('SIGTERM');
      // The server asks its kernels to end first; what hangs is not waited for.
      const timer = setTimeout(() => server.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(timer);
    }
    rmSync(base, { recursive: true, force: true });
  };
  return { url, directory, stop };
}

function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(
      () => reject(new Error(`JupyterLab said no address in ${START_LIMIT} ms:\n${said}`)),
      START_LIMIT,
    );
    const read = (data: Buffer): void => {
      said += data.toString();
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said);
      if (!found) return;
      clearTimeout(timer);
      resolve(`http://127.0.0.1:${found[1]}`);
    };
    server.stdout!.on('data', read);
    server.stderr!.on('data', read);
    server.once('exit', code => reject(new Error(`JupyterLab ended with ${code}:\n${said}`)));
  });
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
  await page.waitForTimeout(500);
}
