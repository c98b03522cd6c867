// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RegexWorker } from '../../../../widgets/src/view/find/regex.js';

class FakeWorker {
  static made: FakeWorker[] = [];
  onmessage: ((event: { data: boolean[] }) => void) | undefined;
  ended = false;
  constructor() {
    FakeWorker.made.push(this);
  }
  postMessage(): void {}
  terminate(): void {
    this.ended = true;
  }
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  FakeWorker.made = [];
});

function stub(): void {
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('URL', { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined });
}

describe('a regular expression in a worker', () => {
  it('answers with what the worker found, and ends it', async () => {
    stub();
    const answer = new RegexWorker().match('a', ['a', 'b']);
    FakeWorker.made[0]!.onmessage!({ data: [true, false] });
    expect(await answer).toEqual([true, false]);
    expect(FakeWorker.made[0]!.ended).toBe(true);
  });

  it('is ended when it takes too long, and says so', async () => {
    stub();
    vi.useFakeTimers();
    const answer = new RegexWorker().match('(a+)+$', ['a'.repeat(40)]);
    vi.advanceTimersByTime(1_500);
    expect(await answer).toContain('takes too long');
    expect(FakeWorker.made[0]!.ended).toBe(true);
  });

  it('gives way to the next one, whose answer is the only one', async () => {
    stub();
    const worker = new RegexWorker();
    const first = worker.match('a', []);
    const second = worker.match('b', []);
    expect(await first).toBe('');
    FakeWorker.made[1]!.onmessage!({ data: [true] });
    expect(await second).toEqual([true]);
  });

  it('says where no worker may run', async () => {
    stub();
    vi.stubGlobal('Worker', undefined);
    expect(await new RegexWorker().match('a', ['a'])).toContain('no worker');
  });
});
