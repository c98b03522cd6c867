/**
 * Asks for layouts: small ones at once, large ones in a worker, so that the page stays free. Where no worker can be
 * made (a strict content policy, an old front end), everything is done at once.
 */
import { WORKER_SOURCE } from '../generated/layout-worker.js';
import { LayoutEngine } from './layout.js';
import { Laid, pack } from './packed.js';
import type { LayoutInput, LayoutResult } from './types.js';
import type { Done } from './worker.js';

/** Up to this many boxes a layout takes less time than the way to a worker and back. */
const SMALL = 200;

export class LayoutClient {
  private readonly engine = new LayoutEngine();
  private worker: Worker | undefined;
  private url = '';
  private broken = false;
  private last = 0;
  private readonly waiting = new Map<number, { input: LayoutInput; done: (result: LayoutResult) => void }>();

  /** Calls `done` once, before it returns or later; not at all once disposed. */
  request(input: LayoutInput, done: (result: LayoutResult) => void): void {
    const worker = input.width.length <= SMALL ? undefined : this.start();
    if (!worker) return done(this.now(input));
    const id = ++this.last;
    this.waiting.set(id, { input, done });
    worker.postMessage({ id, input: pack(input) });
  }

  private now(input: LayoutInput): LayoutResult {
    return new Laid(this.engine.run(pack(input)));
  }

  dispose(): void {
    this.stop();
    this.waiting.clear();
  }

  private stop(): void {
    this.worker?.terminate();
    this.worker = undefined;
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = '';
  }

  private start(): Worker | undefined {
    if (this.worker || this.broken) return this.worker;
    try {
      this.url = URL.createObjectURL(new Blob([WORKER_SOURCE], { type: 'text/javascript' }));
      this.worker = new Worker(this.url);
      this.worker.onmessage = ({ data }: MessageEvent<Done>) => this.finish(data);
      this.worker.onerror = () => this.fallBack();
    } catch {
      this.broken = true;
    }
    return this.worker;
  }

  private finish(data: Done): void {
    const job = this.waiting.get(data.id);
    if (!job) return;
    this.waiting.delete(data.id);
    job.done('result' in data ? new Laid(data.result) : this.now(job.input));
  }

  private fallBack(): void {
    this.broken = true;
    this.stop();
    const jobs = [...this.waiting.values()];
    this.waiting.clear();
    for (const job of jobs) job.done(this.now(job.input));
  }
}
