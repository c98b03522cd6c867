import { describe, expect, it, vi } from 'vitest';
import { CommHost } from '../../../widgets/src/jupyter/comm.js';

const LIVE = { session: 's', display: 'd1' };
const ON = { on: { table: 'saved', id: 1 } };

function signal() {
  const slots: [(sender: unknown, args: unknown) => void, unknown][] = [];
  return {
    connect: (slot: never, self: unknown) => void slots.push([slot, self]),
    disconnect: (slot: never) =>
      void slots.splice(
        slots.findIndex(([each]) => each === slot),
        1,
      ),
    emit: (args: unknown) => slots.forEach(([slot, self]) => slot.call(self, undefined, args)),
    slots,
  };
}

class FakeComm {
  onMsg: (message: unknown) => void = () => undefined;
  onClose: (message: unknown) => void = () => undefined;
  isDisposed = false;
  opened: unknown;
  sent: unknown[] = [];
  open = (data: unknown): void => void (this.opened = data);
  send = (data: unknown): void => void this.sent.push(data);
  close = vi.fn();
  dispose = vi.fn();
}

function surroundings(subshells?: Promise<void>) {
  const comm = Object.assign(new FakeComm(), subshells ? { subshellStarted: subshells } : {});
  const kernel = {
    status: 'idle',
    isDisposed: false,
    supportsSubshells: subshells !== undefined,
    createComm: vi.fn(() => comm),
  };
  const session = {
    session: { kernel: kernel as typeof kernel | null },
    statusChanged: signal(),
    kernelChanged: signal(),
  };
  return { comm, kernel, session, host: new CommHost(session as never, LIVE) };
}

const tick = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 0));

describe('the host in a notebook', () => {
  it('opens a comm to the target at the first question, and not before', async () => {
    const { comm, kernel, host } = surroundings();
    expect(kernel.createComm).not.toHaveBeenCalled();
    const asked = host.request('stats', ON);
    await tick();
    expect(kernel.createComm).toHaveBeenCalledExactlyOnceWith('tapescope');
    expect(comm.opened).toEqual({
      protocol: '1.0',
      session: 's',
      display: 'd1',
    });
    comm.onMsg({
      content: { data: { id: 1, result: { fine: true } } },
      buffers: [new Uint8Array([1, 2]).buffer],
    });
    const answer = await asked;
    expect(answer.result).toEqual({ fine: true });
    expect(answer.buffers[0]!.getUint8(1)).toBe(2);
  });

  it('waits for its subshell where the kernel has them', async () => {
    let start: () => void = () => undefined;
    const { comm, host } = surroundings(new Promise(resolve => (start = resolve)));
    void host.request('stats', ON);
    await tick();
    expect(comm.opened).toBeUndefined();
    start();
    await tick();
    expect(comm.opened).toBeDefined();
  });

  it('shows a comm that is closed at once as a state', async () => {
    const { comm, host } = surroundings();
    const changed = vi.fn();
    host.onChange(changed);
    const asked = host.request('stats', ON);
    await tick();
    comm.onClose({ content: { data: {} } });
    await expect(asked).rejects.toMatchObject({ code: 'unknown' });
    expect(host.state).toBe('unknown');
    expect(changed).toHaveBeenCalled();
  });

  it('is busy and live with the kernel, and stale once it restarts', () => {
    const { kernel, session, host } = surroundings();
    expect(host.state).toBe('live');
    kernel.status = 'busy';
    session.statusChanged.emit('busy');
    expect(host.state).toBe('busy');
    session.statusChanged.emit('restarting');
    expect(host.state).toBe('stale');
    kernel.status = 'idle';
    session.statusChanged.emit('idle');
    expect(host.state).toBe('stale');
  });

  it('has no kernel where there is none, or where it was shut down', () => {
    const { session, host } = surroundings();
    session.session.kernel = null;
    session.kernelChanged.emit({});
    expect(host.state).toBe('none');
    expect(new CommHost({ ...session, session: null } as never, LIVE).state).toBe('none');
    expect(new CommHost(session as never, undefined).state).toBe('none');
  });

  it('has no kernel once it is shut down, and ends what waits', async () => {
    const { session, host } = surroundings();
    const asked = host.request('stats', ON);
    await tick();
    session.statusChanged.emit('terminating');
    await expect(asked).rejects.toMatchObject({ code: 'stale' });
    await tick();
    expect(host.state).toBe('none');
  });

  describe('where there was no kernel', () => {
    function withoutKernel() {
      const { comm, kernel, session } = surroundings();
      session.session.kernel = null;
      const select = vi.fn(() => Promise.resolve());
      const goTo = vi.fn(() => Promise.resolve('found' as const));
      const appear = (): void => {
        session.session.kernel = kernel;
        session.kernelChanged.emit({});
      };
      const startKernel = vi.fn(() => {
        appear();
        return Promise.resolve(false);
      });
      const host = new CommHost({ ...session, startKernel } as never, LIVE, { goTo, select });
      return { comm, host, select, goTo, startKernel, appear };
    }

    it('starts it, and says that the values of the earlier run are gone', async () => {
      const { comm, host, select, startKernel } = withoutKernel();
      expect(host.state).toBe('none');
      const started = host.start();
      await tick();
      expect(startKernel).toHaveBeenCalledOnce();
      expect(select).not.toHaveBeenCalled();
      expect(comm.sent).toMatchObject([{ method: 'stats' }]);
      comm.onClose({ content: { data: {} } });
      await started;
      expect(host.state).toBe('fresh');
    });

    it('is live if the kernel knows the document after all', async () => {
      const { comm, host } = withoutKernel();
      const started = host.start();
      await tick();
      comm.onMsg({ content: { data: { id: 1, error: { code: 'gone', message: 'no such tensor' } } } });
      await started;
      expect(host.state).toBe('live');
    });

    it('asks which kernel, where the notebook names none; none may be chosen', async () => {
      const { comm, host, select, startKernel } = withoutKernel();
      startKernel.mockImplementation(() => Promise.resolve(true));
      await host.start();
      expect(select).toHaveBeenCalledOnce();
      expect(comm.opened).toBeUndefined();
      expect(host.state).toBe('none');
    });

    it('goes to cells through the notebook', async () => {
      const { host, goTo } = withoutKernel();
      const place = {
        executionCount: 7,
        hash: '0',
        source: undefined,
        line: 1,
        column: undefined,
        endColumn: undefined,
      };
      expect(await host.goTo(place)).toBe('found');
      expect(goTo).toHaveBeenCalledWith(place);
    });
  });

  it('leaves nothing behind', async () => {
    const { comm, session, host } = surroundings();
    void host.request('stats', ON).catch(() => undefined);
    await tick();
    host.dispose();
    await tick();
    expect(comm.close).toHaveBeenCalledOnce();
    expect(session.statusChanged.slots).toHaveLength(0);
    expect(session.kernelChanged.slots).toHaveLength(0);
  });
});
