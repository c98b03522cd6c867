/** Netron with the same graph, from its package, in the same browser. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { onnx, type Node } from './onnx.js';
import { Bench, type Spent } from './page.js';

const PORT = 18_473;

/** What it draws for a node; the page is `default` when all have their places. */
const DRAWN = 'body.default svg g.node';

class Late extends Error {}

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
    // Nothing of this run is told to anyone.
    await bench.page.context().route(
      ({ hostname }) => hostname !== '127.0.0.1',
      route => route.abort(),
    );
    try {
      return await bench.spent(async () => {
        await bench.page.goto(url);
        // It asks for consent first, and whether so many nodes are meant.
        const question = bench.page.locator('button:visible', { hasText: /^(Accept|Yes|OK|Continue)$/ });
        const end = performance.now() + limit;
        while ((await bench.page.locator(DRAWN).count()) < Math.min(100, nodes.length / 2)) {
          if (performance.now() > end) throw new Late();
          if (await question.count()) await question.first().click();
          await new Promise(resolve => setTimeout(resolve, 200));
        }
      });
    } catch (error) {
      if (error instanceof Late) return undefined;
      throw error;
    } finally {
      await bench.close();
    }
  } finally {
    server.kill('SIGTERM');
    rmSync(place, { recursive: true, force: true });
  }
}
