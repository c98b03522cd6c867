/**
 * The suite's own JupyterLab and Notebook: one server for all specs, started before the first.
 *
 * TAPESCOPE_PYTHON  the Python whose environment has JupyterLab, the kernel and the extension; else .venv's
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ROOT } from './browser.js';

/** What a spec is told of the server. */
export interface Lab {
  url: string;
  /** Where the notebooks of the specs lie. */
  directory: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    lab: Lab;
  }
}

const START_LIMIT = 90_000;

const given = process.env.TAPESCOPE_PYTHON ?? join('.venv', 'bin', 'python');
const PYTHON = isAbsolute(given) ? given : join(ROOT, given);

/** Starts the server, apart from the user's own settings and workspaces; what it gives back stops it. */
export default async function start(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(PYTHON)) throw new Error(`No Python at ${PYTHON}: set TAPESCOPE_PYTHON, or build first.`);
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
  const options = [
    '--no-browser',
    '--allow-root',
    '--ip=127.0.0.1',
    '--port=0',
    '--IdentityProvider.token=',
    '--ServerApp.disable_check_xsrf=True',
    `--ServerApp.root_dir=${directory}`,
    '--LabApp.expose_app_in_browser=True',
    '--JupyterNotebookApp.expose_app_in_browser=True',
    '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate',
  ];
  const place = (name: string): string => join(base, name);
  const server = spawn(PYTHON, ['-m', 'jupyterlab', ...options], {
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
  project.provide('lab', { url: await addressOf(server), directory });
  return async () => {
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
