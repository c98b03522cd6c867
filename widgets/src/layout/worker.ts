/** Runs in a worker: lays out what it is sent and sends the result back, under the same number. */
import { LayoutEngine } from './layout.js';
import { buffersOf, type Packed, type PackedResult } from './packed.js';

export interface Job {
  id: number;
  input: Packed;
}

export type Done = { id: number; result: PackedResult } | { id: number; error: string };

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Job>) => void) | null;
  postMessage(done: Done, transfer?: ArrayBufferLike[]): void;
};

const engine = new LayoutEngine();

scope.onmessage = ({ data }) => {
  try {
    const result = engine.run(data.input);
    scope.postMessage({ id: data.id, result }, buffersOf(result));
  } catch (error) {
    scope.postMessage({ id: data.id, error: String(error) });
  }
};
