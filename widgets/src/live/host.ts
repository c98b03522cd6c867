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
 * none: no kernel. live: questions are answered. busy: a cell is running, answers wait for it. stale: the kernel is
 * another one than made the document. unknown: the kernel does not know Tapescope. fresh: there was no kernel, and the
 * one that started since knows nothing of the document.
 */
export type KernelState = 'none' | 'live' | 'busy' | 'stale' | 'unknown' | 'fresh';

/** A line of a cell that ran, and what tells which cell that was. */
export interface CellPlace {
  executionCount: number | undefined;
  hash: string;
  source: string | undefined;
  line: number | undefined;
  column: number | undefined;
  endColumn: number | undefined;
}

/** found; edited: the cell of that number, whose source is another now; gone: there is no such cell. */
export type Went = 'found' | 'edited' | 'gone';

export interface Host {
  readonly state: KernelState;
  /** Number of the cell that is running, if that is known. */
  readonly running: number | undefined;
  /** Calls back after each change of `state`; returns what ends that. */
  onChange(listener: () => void): () => void;
  request<Result>(method: string, params: Params): Promise<Answer<Result>>;
  /** Starts a kernel. Absent: there is none to be started here. */
  start?(): Promise<void>;
  /** Shows a place in the notebook. Absent: there is no notebook. */
  goTo?(place: CellPlace): Promise<Went>;
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
