import { describe, expect, it, vi } from 'vitest';
import { LiveClient, type ChannelListener, type Open } from '../../../widgets/src/live/client.js';
import { readBuffer, type Params, type Request } from '../../../widgets/src/live/protocol.js';

const LIVE = { session: 's', display: 'd1' };
const ON: Params = { on: { table: 'saved', id: 1 } };

function kernel() {
  const sent: Request[] = [];
  const opened: Record<string, unknown>[] = [];
  let listener: ChannelListener | undefined;
  const close = vi.fn();
  const open: Open = (data, heard) => {
    opened.push(data);
    listener = heard;
    return Promise.resolve({ send: request => sent.push(request), close });
  };
  return {
    open,
    sent,
    opened,
    close,
    say: (data: unknown, buffers: DataView[] = []) => listener!.message(data, buffers),
    hangUp: () => listener!.closed(),
  };
}

const tick = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 0));

describe('the client', () => {
  it('opens its channel at the first question, once, with the document’s names', async () => {
    const there = kernel();
    const client = new LiveClient(LIVE, there.open);
    expect(there.opened).toEqual([]);
    void client.request('stats', ON);
    void client.request('histogram', ON);
    await tick();
    expect(there.opened).toEqual([{ protocol: '1.0', session: 's', display: 'd1' }]);
    expect(there.sent.map(request => [request.id, request.method])).toEqual([
      [1, 'stats'],
      [2, 'histogram'],
    ]);
  });

  it('gives each answer to its question, in any order', async () => {
    const there = kernel();
    const client = new LiveClient(LIVE, there.open);
    const [first, second] = [client.request('stats', ON), client.request('stats', ON)];
    await tick();
    there.say({ id: 2, result: { n: 2 } });
    there.say({ id: 1, result: { n: 1 } });
    there.say({ id: 77, result: {} });
    there.say('noise');
    expect((await first).result).toEqual({ n: 1 });
    expect((await second).result).toEqual({ n: 2 });
  });

  it('passes errors on with their code', async () => {
    const there = kernel();
    const asked = new LiveClient(LIVE, there.open).request('stats', ON);
    await tick();
    there.say({
      id: 1,
      error: { code: 'freed', message: 'released', data: { released_by: 3 } },
    });
    await expect(asked).rejects.toMatchObject({
      code: 'freed',
      message: 'released',
      data: { released_by: 3 },
    });
  });

  it('ends as unknown when the channel closes without a word', async () => {
    const there = kernel();
    const ended = vi.fn();
    const client = new LiveClient(LIVE, there.open, ended);
    const asked = client.request('stats', ON);
    await tick();
    there.hangUp();
    await expect(asked).rejects.toMatchObject({ code: 'unknown' });
    expect(ended).toHaveBeenCalledOnce();
    expect(client.ending).toBe('unknown');
    await expect(client.request('stats', ON)).rejects.toMatchObject({
      code: 'unknown',
    });
  });

  it('ends as stale when it is refused so, or hung up on after a greeting', async () => {
    const refusing = kernel();
    const refused = new LiveClient(LIVE, refusing.open);
    const asked = refused.request('stats', ON);
    await tick();
    refusing.say({
      event: 'refused',
      params: { code: 'stale', message: 'another session' },
    });
    refusing.hangUp();
    await expect(asked).rejects.toMatchObject({
      code: 'stale',
      message: 'another session',
    });
    expect(refused.ending).toBe('stale');

    const greeting = kernel();
    const client = new LiveClient(LIVE, greeting.open);
    const second = client.request('stats', ON);
    await tick();
    greeting.say({ event: 'hello', params: { protocol: '1.0' } });
    greeting.say({ event: 'eclipse', params: {} });
    greeting.hangUp();
    await expect(second).rejects.toMatchObject({ code: 'stale' });
  });

  it('keeps at most 32 questions in flight', async () => {
    const there = kernel();
    const client = new LiveClient(LIVE, there.open);
    const all = Array.from({ length: 40 }, () => client.request('stats', ON));
    await tick();
    expect(there.sent).toHaveLength(32);
    for (let id = 1; id <= 40; id++) {
      there.say({ id, result: {} });
      await tick();
    }
    await Promise.all(all);
    expect(there.sent).toHaveLength(40);
  });

  it('ends all questions when the kernel restarts or the display closes', async () => {
    const there = kernel();
    const client = new LiveClient(LIVE, there.open);
    const asked = client.request('stats', ON);
    await tick();
    client.end('stale');
    await expect(asked).rejects.toMatchObject({ code: 'stale' });
    client.dispose();
    await tick();
    expect(there.close).toHaveBeenCalledOnce();
    await expect(client.request('stats', ON)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('buffers', () => {
  it('are read by type and shape', () => {
    const view = new DataView(Float32Array.of(1.5, -2).buffer);
    expect(readBuffer({ buffer: 0, type: 'f32', shape: [2] }, [view])).toEqual([1.5, -2]);
    const big = new DataView(BigInt64Array.of(-5n).buffer);
    expect(readBuffer({ buffer: 0, type: 'i64', shape: [] }, [big])).toEqual([-5]);
  });

  it('are refused where length, shape and type disagree', () => {
    const view = new DataView(new ArrayBuffer(7));
    expect(() => readBuffer({ buffer: 0, type: 'f32', shape: [2] }, [view])).toThrow(
      'has 7 bytes; f32 of shape [2] takes 8',
    );
    expect(() => readBuffer({ buffer: 3, type: 'f32', shape: [2] }, [view])).toThrow('did not come');
  });
});
