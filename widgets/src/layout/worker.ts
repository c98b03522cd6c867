/** Runs in a worker: lays out what it is sent and sends the result back, under the same number. */
import { layout } from './layout.js';
import type { LayoutInput, LayoutResult } from './types.js';

export interface Job {
  id: number;
  input: LayoutInput;
}

export type Done = { id: number; result: LayoutResult } | { id: number; error: string };

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Job>) => void) | null;
  postMessage(done: Done): void;
};

scope.onmessage = ({ data }) => {
  try {
    scope.postMessage({ id: data.id, result: layout(data.input) });
  } catch (error) {
    scope.postMessage({ id: data.id, error: String(error) });
  }
};
