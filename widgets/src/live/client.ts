/**
 * The front end's side of the protocol, over any channel. The channel is opened at the first question; an answer
 * belongs to the request of the same id; when the channel closes, all that wait end as stale.
 */
import type { Live } from '../generated/document.js';
import { RequestError } from './host.js';
import {
  PROTOCOL,
  type Answer,
  type Event,
  type Failure,
  type Params,
  type Request,
  type Response,
} from './protocol.js';

export interface Channel {
  send(request: Request): void;
  close(): void;
}

export interface ChannelListener {
  message(data: unknown, buffers: DataView[]): void;
  closed(): void;
}

/** Opens a channel with the opening's data. */
export type Open = (data: Record<string, unknown>, listener: ChannelListener) => Promise<Channel>;

interface Waiting {
  resolve(answer: Answer<never>): void;
  reject(error: RequestError): void;
}

/** More than this in flight the kernel may refuse: the rest wait here. */
const IN_FLIGHT = 32;

export type Ending = 'stale' | 'unknown';

export class LiveClient {
  /** Why no more answers will come. */
  ending: Ending | undefined;
  private channel: Promise<Channel> | undefined;
  private greeted = false;
  private refusal: Failure | undefined;
  private lastId = 0;
  private readonly waiting = new Map<number, Waiting>();
  private queue: Request[] = [];
  private disposed = false;

  constructor(
    private readonly live: Live,
    private readonly open: Open,
    private readonly ended: () => void = () => undefined,
  ) {}

  request<Result>(method: string, params: Params): Promise<Answer<Result>> {
    if (this.disposed) return Promise.reject(new RequestError('cancelled', 'The display was closed.'));
    if (this.ending) return Promise.reject(this.endingError());
    const request: Request = { id: ++this.lastId, method, params };
    return new Promise((resolve, reject) => {
      this.waiting.set(request.id, { resolve, reject });
      this.queue.push(request);
      void this.flush();
    });
  }

  /** The kernel is gone or another one: nothing will be answered any more. */
  end(ending: Ending): void {
    if (this.ending || this.disposed) return;
    this.ending = ending;
    this.rejectAll(this.endingError());
    this.ended();
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    void this.channel?.then(
      channel => channel.close(),
      () => undefined,
    );
    this.rejectAll(new RequestError('cancelled', 'The display was closed.'));
  }

  private endingError(): RequestError {
    const failure = this.refusal;
    if (failure) return new RequestError(failure.code, failure.message, failure.data);
    return this.ending === 'unknown'
      ? new RequestError('unknown', 'The kernel does not know this graph.')
      : new RequestError('stale', 'The kernel was restarted; this graph is gone.');
  }

  private rejectAll(error: RequestError): void {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    this.queue = [];
    for (const each of all) each.reject(error);
  }

  private async flush(): Promise<void> {
    try {
      this.channel ??= this.open(
        { protocol: PROTOCOL, session: this.live.session, display: this.live.display },
        { message: (data, buffers) => this.receive(data, buffers), closed: () => this.close() },
      );
      const channel = await this.channel;
      let sent = this.waiting.size - this.queue.length;
      while (this.queue.length && sent < IN_FLIGHT) {
        channel.send(this.queue.shift()!);
        sent++;
      }
    } catch {
      this.end('unknown');
    }
  }

  private receive(data: unknown, buffers: DataView[]): void {
    if (typeof data !== 'object' || data === null) return;
    if ('event' in data) return this.event(data as Event);
    const response = data as Response;
    const waiting = this.waiting.get(response.id);
    if (!waiting) return;
    this.waiting.delete(response.id);
    if ('error' in response) {
      const { code, message, data: more } = response.error;
      waiting.reject(new RequestError(code, message, more));
    } else waiting.resolve({ result: response.result as never, buffers });
    if (this.queue.length) void this.flush();
  }

  private event({ event, params }: Event): void {
    if (event === 'hello') this.greeted = true;
    if (event === 'refused') this.refusal = params as unknown as Failure;
    // Others are for front ends that know them.
  }

  /** Closed without a word: the kernel has never heard of the target, or has forgotten it by restarting. */
  private close(): void {
    this.end(this.greeted || this.refusal?.code === 'stale' ? 'stale' : 'unknown');
  }
}
