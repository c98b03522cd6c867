import { afterEach, describe, expect, it, vi } from 'vitest';
import { LayoutClient } from '../../../widgets/src/layout/client.js';
import type { LayoutInput, LayoutResult } from '../../../widgets/src/layout/types.js';

function chain(boxes: number): LayoutInput {
  const fill = <T>(value: T): T[] => new Array<T>(boxes).fill(value);
  const links = Array.from({ length: boxes - 1 }, (_, i) => ({
    from: i,
    to: i + 1,
    port: 0,
    ports: 1,
  }));
  return {
    width: fill(100),
    height: fill(26),
    frame: fill(false),
    lead: fill(0),
    trail: fill(0),
    parent: fill(-1),
    links,
  };
}

class FakeWorker {
  static made: FakeWorker[] = [];
  onmessage: ((event: unknown) => void) | null = null;
  onerror: (() => void) | null = null;
  sent: { id: number; input: LayoutInput }[] = [];
  ended = false;
  constructor() {
    FakeWorker.made.push(this);
  }
  postMessage(job: { id: number; input: LayoutInput }): void {
    this.sent.push(job);
  }
  terminate(): void {
    this.ended = true;
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
  FakeWorker.made = [];
});

describe('the layout client', () => {
  it('lays a small graph out at once', () => {
    const done = vi.fn();
    new LayoutClient().request(chain(3), done);
    expect(done).toHaveBeenCalledOnce();
  });

  it('gives a large one to a worker, and its answer back', () => {
    vi.stubGlobal('Worker', FakeWorker);
    const client = new LayoutClient();
    const done = vi.fn();
    client.request(chain(500), done);
    expect(done).not.toHaveBeenCalled();
    const [worker] = FakeWorker.made;
    const result = { totalWidth: 1 } as LayoutResult;
    worker!.onmessage!({ data: { id: worker!.sent[0]!.id, result } });
    expect(done).toHaveBeenCalledExactlyOnceWith(result);
    client.dispose();
    expect(worker!.ended).toBe(true);
  });

  it('does without a worker where none can be made', () => {
    vi.stubGlobal(
      'Worker',
      class {
        constructor() {
          throw new Error('refused by the content policy');
        }
      },
    );
    const done = vi.fn();
    new LayoutClient().request(chain(500), done);
    expect(done).toHaveBeenCalledOnce();
  });

  it('does without a worker that fails', () => {
    vi.stubGlobal('Worker', FakeWorker);
    const done = vi.fn();
    new LayoutClient().request(chain(500), done);
    FakeWorker.made[0]!.onerror!();
    expect(done).toHaveBeenCalledOnce();
    expect((done.mock.calls[0]![0] as LayoutResult).totalHeight).toBeGreaterThan(500);
  });

  it('says nothing once disposed', () => {
    vi.stubGlobal('Worker', FakeWorker);
    const client = new LayoutClient();
    const done = vi.fn();
    client.request(chain(500), done);
    client.dispose();
    FakeWorker.made[0]!.onmessage!({ data: { id: 1, result: {} } });
    expect(done).not.toHaveBeenCalled();
  });
});
