/** Netron with the same graph, from its package, in the same browser. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { onnx, type Node } from './onnx.js';
import { Bench, type Spent } from './page.js';

const PORT = 18_473;

/** `python` has the package netron. Undefined: it drew nothing within the limit. */
export async function netron(
  browser: Browser,
  python: string,
  nodes: Node[],
  limit: number,
): Promise<Spent | undefined> {
  const place = mkdtempSync(join(tmpdir(), 'tapescope-netron-'));
  const file = join(place, 'graph.onnx');
  writeFileSync(file, onnx(nodes));
  const code = `import netron, time; netron.start(${JSON.stringify(file)}, ('127.0.0.1', ${PORT}), browse=False); time.sleep(600)`;
  const server = spawn(python, ['-c', code], { stdio: 'ignore' });
  try {
    const url = `http://127.0.0.1:${PORT}`;
    for (let i = 0; i < 100; i++) {
      if (await fetch(url).then(({ ok }) => ok, () => false)) break; // prettier-ignore
      await new Promise(resolve => setTimeout(resolve, 100));
    }
    const bench = await Bench.open(browser, 'about:blank');
    try {
      return await bench.spent(async () => {
        await bench.page.goto(url);
        const drawn = (): boolean => document.querySelectorAll('svg .node').length > 100;
        await bench.page.waitForFunction(drawn, undefined, { timeout: limit, polling: 200 });
      });
    } catch (error) {
      if ((error as Error).name === 'TimeoutError') return undefined;
      throw error;
    } finally {
      await bench.close();
    }
  } finally {
    server.kill('SIGTERM');
    rmSync(place, { recursive: true, force: true });
  }
}
