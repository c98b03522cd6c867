/** The live protocol over a Jupyter comm, and the kernel's states as the view knows them. */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { Live } from '../generated/document.js';
import { LiveClient, type Channel, type ChannelListener } from '../live/client.js';
import { RequestError, type CellPlace, type Host, type KernelState, type Went } from '../live/host.js';
import { TARGET, type Answer, type Params } from '../live/protocol.js';

type Connection = Kernel.IKernelConnection;

/** What the notebook around the display does for it. */
export interface Surroundings {
  goTo(place: CellPlace): Promise<Went>;
  /** Asks the user which kernel to start. */
  select(): Promise<void> | undefined;
}

export class CommHost implements Host {
  private client: LiveClient | undefined;
  /** The kernel that was there when the display was made: answers of another one would be of other objects. */
  private kernel: Connection | null;
  private ended: 'stale' | 'unknown' | undefined;
  /** There was no kernel; the one that came since may be another than the document's. */
  private appeared = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly session: ISessionContext,
    private readonly live: Live | undefined,
    private readonly surroundings?: Surroundings,
  ) {
    this.kernel = session.session?.kernel ?? null;
    session.statusChanged.connect(this.statusChanged, this);
    session.kernelChanged.connect(this.kernelChanged, this);
  }

  get state(): KernelState {
    if (this.ended) return this.appeared ? 'fresh' : this.ended;
    if (!this.live || !this.kernel || this.kernel.isDisposed) return 'none';
    return this.kernel.status === 'busy' ? 'busy' : 'live';
  }

  get running(): number | undefined {
    // The protocol of kernels has no word for it.
    return undefined;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  request<Result>(method: string, params: Params): Promise<Answer<Result>> {
    const { kernel, live } = this;
    if (this.ended)
      return Promise.reject(new RequestError(this.ended, 'The kernel that made this graph is gone.'));
    if (!kernel || !live) return Promise.reject(new RequestError('stale', 'There is no kernel.'));
    const client = (this.client ??= this.connect(kernel, live));
    return client.request<Result>(method, params).catch((error: unknown) => {
      if (client === this.client && error instanceof RequestError && error.code === 'stale')
        this.markEnded('stale');
      throw error;
    });
  }

  /** Starts the notebook's kernel, and asks it whether it knows the document: without values it looks as if it did. */
  async start(): Promise<void> {
    const { session } = this;
    if (!session.session?.kernel && (await session.startKernel())) await this.surroundings?.select();
    const { live } = this;
    if (!this.kernel || !live) return;
    await this.request('stats', { on: { table: 'tensors', id: 0 } }).catch(() => undefined);
  }

  goTo(place: CellPlace): Promise<Went> {
    return this.surroundings?.goTo(place) ?? Promise.resolve('gone');
  }

  private connect(kernel: Connection, live: Live): LiveClient {
    const client: LiveClient = new LiveClient(
      live,
      (data, listener) => openComm(kernel, data, listener),
      () => client === this.client && this.markEnded(client.ending ?? 'stale'),
    );
    return client;
  }

  dispose(): void {
    this.session.statusChanged.disconnect(this.statusChanged, this);
    this.session.kernelChanged.disconnect(this.kernelChanged, this);
    this.listeners.clear();
    this.client?.dispose();
    this.client = undefined;
  }

  private markEnded(how: 'stale' | 'unknown'): void {
    if (this.ended) return;
    this.ended = how;
    this.tell();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private statusChanged(_: ISessionContext, status: Kernel.Status): void {
    if (this.kernel && (status === 'restarting' || status === 'autorestarting')) this.lose();
    else if (this.kernel && (status === 'terminating' || status === 'dead')) this.leave();
    else this.tell();
  }

  private kernelChanged(): void {
    const now = this.session.session?.kernel ?? null;
    if (now === this.kernel) return;
    if (this.kernel === null) {
      // Reopened, then a kernel started: whether it is the document's own, the first answer will tell.
      this.kernel = now;
      this.appeared = true;
      this.tell();
    } else if (now === null) this.leave();
    else this.lose();
  }

  /** There is no kernel any more; one that starts later is another. */
  private leave(): void {
    const { client } = this;
    this.client = undefined;
    this.ended = undefined;
    this.appeared = false;
    this.kernel = null;
    client?.end('stale');
    this.tell();
  }

  /** The objects behind the document are gone. */
  private lose(): void {
    this.appeared = false;
    this.client?.end('stale');
    this.markEnded('stale');
  }
}

async function openComm(
  kernel: Connection,
  data: Record<string, unknown>,
  listener: ChannelListener,
): Promise<Channel> {
  const comm = kernel.createComm(TARGET);
  comm.onMsg = (message: KernelMessage.ICommMsgMsg): void =>
    listener.message(message.content.data, (message.buffers ?? []).map(view));
  comm.onClose = (message: KernelMessage.ICommCloseMsg): void => {
    // A refusal comes with its reason in an event before; a close may carry one too.
    if (message.content.data && 'event' in message.content.data) listener.message(message.content.data, []);
    listener.closed();
  };
  // With subshells an answer can come while a cell runs, if the comm waits for its own; without, this never resolves.
  const { subshellStarted } = comm as { subshellStarted?: Promise<void> };
  if (subshellStarted && (kernel as { supportsSubshells?: boolean }).supportsSubshells) await subshellStarted;
  comm.open(data as never);
  return {
    send: request => void comm.send(request as never),
    close: () => {
      if (!comm.isDisposed && !kernel.isDisposed) comm.close();
      comm.dispose();
    },
  };
}

function view(buffer: ArrayBuffer | ArrayBufferView): DataView {
  return buffer instanceof ArrayBuffer
    ? new DataView(buffer)
    : new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
