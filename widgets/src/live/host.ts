/** What the view needs from where it stands. Everything that knows of Jupyter is behind this. */
import type { Answer, Params } from './protocol.js';

/** A request that has no result. `code` is the protocol's, or one that the client itself found. */
export class RequestError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly data: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/**
 * none: no kernel, now or ever. live: questions are answered. busy: a cell is running, answers wait for it. stale: the
 * kernel is another one than made the document. unknown: the kernel does not know Tapescope.
 */
export type KernelState = 'none' | 'live' | 'busy' | 'stale' | 'unknown';

export interface Host {
  readonly state: KernelState;
  /** Number of the cell that is running, if that is known. */
  readonly running: number | undefined;
  /** Calls back after each change of `state`; returns what ends that. */
  onChange(listener: () => void): () => void;
  request<Result>(method: string, params: Params): Promise<Answer<Result>>;
  dispose(): void;
}

/** A document by itself: reopened without a kernel, or exported. */
export class StaticHost implements Host {
  readonly state = 'none';
  readonly running = undefined;
  onChange(): () => void {
    return () => undefined;
  }
  request<Result>(): Promise<Answer<Result>> {
    return Promise.reject(new RequestError('stale', 'There is no kernel.'));
  }
  dispose(): void {
    // Holds nothing.
  }
}
