/** A page of its own in the system's Chromium, with the view in it, and what its renderer spends. */
import { createServer, type Server } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core';
import { FLAGS } from '../../browser/support/flags.js';

const EXECUTABLE = process.env.TAPESCOPE_CHROMIUM ?? '/usr/bin/chromium';

export const WINDOW = { width: 1000, height: 700 };

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    headless: true,
    args: [...FLAGS, '--js-flags=--expose-gc'],
  });
}

/** Serves the bundled view, and each document under its name. */
export class Files {
  private server: Server | undefined;
  private readonly texts = new Map<string, { type: string; text: string }>();

  add(path: string, type: string, text: string): void {
    this.texts.set(path, { type, text });
  }

  async start(root: string): Promise<string> {
    const place = mkdtempSync(join(tmpdir(), 'tapescope-bench-'));
    await build({
      entryPoints: [join(root, 'widgets', 'src', 'core.ts')],
      outfile: join(place, 'core.js'),
      bundle: true,
      minify: !process.env.TAPESCOPE_BENCH_PLAIN,
      format: 'iife',
      globalName: 'tapescope',
      target: 'es2022',
    });
    await build({
      entryPoints: [join(root, 'widgets', 'style', 'index.css')],
      outfile: join(place, 'view.css'),
      bundle: true,
    });
    const read = (path: string): string => readFileSync(path, 'utf8');
    this.add('/core.js', 'text/javascript', read(join(place, 'core.js')));
    this.add('/view.css', 'text/css', read(join(place, 'view.css')));
    this.add('/', 'text/html', read(join(root, 'tests', 'browser', 'harness', 'index.html')));
    rmSync(place, { recursive: true });
    this.server = createServer((request, response) => {
      const found = this.texts.get(request.url ?? '');
      response.writeHead(found ? 200 : 404, { 'content-type': found?.type ?? 'text/plain' });
      response.end(found?.text ?? '');
    });
    await new Promise<void>(resolve => this.server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  stop(): void {
    this.server?.close();
  }
}

export interface Spent {
  /** CPU seconds of the renderer's process, all of its threads. */
  cpu: number;
  /** Seconds on the clock. */
  wall: number;
}

/** A page, and the meter of its renderer. */
export class Bench {
  private constructor(
    readonly page: Page,
    private readonly session: CDPSession,
    /** Process of the renderer. */
    private readonly process: number,
  ) {}

  static async open(browser: Browser, url: string): Promise<Bench> {
    const context = await browser.newContext({ viewport: WINDOW, deviceScaleFactor: 1 });
    const page = await context.newPage();
    page.on('pageerror', error => console.error(error));
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable');
    await page.goto(url);
    const whole = await browser.newBrowserCDPSession();
    const { processInfo } = await whole.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
    await whole.detach();
    return new Bench(page, session, Math.max(...renderers));
  }

  async metric(name: string): Promise<number> {
    const { metrics } = await this.session.send('Performance.getMetrics');
    return metrics.find(metric => metric.name === name)?.value ?? NaN;
  }

  /** CPU seconds of the renderer's main thread, to the nanosecond: what a frame has to wait for. */
  get mainThread(): number {
    const { process } = this;
    const text = readFileSync(`/proc/${process}/task/${process}/schedstat`, 'utf8');
    return Number(text.split(' ')[0]) / 1e9;
  }

  async spent(act: () => Promise<void>): Promise<Spent> {
    const [cpu, wall] = [await this.metric('ProcessTime'), performance.now()];
    await act();
    return {
      wall: (performance.now() - wall) / 1000,
      cpu: (await this.metric('ProcessTime')) - cpu,
    };
  }

  /** Megabytes that JavaScript holds, with what lies in buffers beside its heap. */
  async heap(): Promise<number> {
    await this.session.send('HeapProfiler.collectGarbage');
    const usage = (await this.session.send('Runtime.getHeapUsage')) as {
      usedSize: number;
      embedderHeapUsedSize?: number;
      backingStorageSize?: number;
    };
    return (usage.usedSize + (usage.embedderHeapUsedSize ?? 0) + (usage.backingStorageSize ?? 0)) / 1e6;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
