/** A kernel that answers what it is told to. */
import {
  RequestError,
  type CellPlace,
  type Host,
  type KernelState,
  type Went,
} from '../../../widgets/src/live/host.js';
import type { Answer, Params } from '../../../widgets/src/live/protocol.js';

export type Reply =
  { result: Record<string, unknown>; buffers?: number[][] } | { code: string; message: string } | 'never';

export class FakeHost implements Host {
  state: KernelState = 'live';
  running: number | undefined;
  readonly asked: { method: string; params: Params }[] = [];
  readonly listeners = new Set<() => void>();
  disposed = false;
  /** Set by tests whose host can do it. */
  goTo?: (place: CellPlace) => Promise<Went>;
  start?: () => Promise<void>;

  constructor(readonly replies: Record<string, Reply> = {}) {}

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  become(state: KernelState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  request<Result>(method: string, params: Params): Promise<Answer<Result>> {
    this.asked.push({ method, params });
    const reply = this.replies[method] ?? {
      code: 'absent',
      message: 'There is none.',
    };
    if (reply === 'never') return new Promise(() => undefined);
    if ('code' in reply) return Promise.reject(new RequestError(reply.code, reply.message));
    const buffers = (reply.buffers ?? []).map(list => new DataView(Float64Array.from(list).buffer));
    return Promise.resolve({ result: reply.result as Result, buffers });
  }

  dispose(): void {
    this.disposed = true;
  }
}
