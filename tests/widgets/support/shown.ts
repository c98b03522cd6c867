/** A GraphView on a page of its own, for each test of the file that imports this. */
import { afterEach, beforeEach, vi } from 'vitest';
import type { Host } from '../../../widgets/src/live/host.js';
import { StaticHost } from '../../../widgets/src/live/host.js';
import { GraphView, type Memory } from '../../../widgets/src/view/graph-view.js';
import { golden, type Loose } from './goldens.js';

let view: GraphView | undefined;

beforeEach(() => {
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
});

afterEach(() => {
  view?.dispose();
  view = undefined;
  document.body.replaceChildren();
  vi.useRealTimers();
});

export function show(data: Loose, host: Host = new StaticHost(), memory: Memory = {}): HTMLElement {
  view = new GraphView(document.body, data, host, memory);
  return view.element;
}

export const twin = (element: HTMLElement): HTMLElement => element.querySelector<HTMLElement>('.ts-twin')!;
export const rows = (element: HTMLElement): HTMLElement[] => [
  ...element.querySelectorAll<HTMLElement>('[role=row]'),
];
export const selected = (element: HTMLElement): string | undefined =>
  element.querySelector('[role=row][aria-selected=true] [role=gridcell]')?.textContent ?? undefined;

export function press(element: HTMLElement, ...keys: string[]): void {
  for (const key of keys) {
    const shiftKey = /^[A-Z?]$/.test(key);
    twin(element).dispatchEvent(
      new KeyboardEvent('keydown', {
        key,
        shiftKey,
        bubbles: true,
        cancelable: true,
      }),
    );
  }
}

const field = (element: HTMLElement): HTMLInputElement => element.querySelector('.ts-find input')!;

/** Types into the field. */
export function search(element: HTMLElement, query: string): void {
  field(element).value = query;
  field(element).dispatchEvent(new Event('input'));
}

/** To the next match. */
export function enter(element: HTMLElement): void {
  field(element).dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }),
  );
}

export const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 0));

/** digits before its backward: the saved variables of the last turn can be asked for. */
export function alive(): Loose {
  const data = golden('digits');
  for (const node of data.nodes) (delete node.state, delete node.released_by);
  for (const row of data.saved) delete row.state;
  return data;
}

export const NOW = { dtype: 'float32', shape: [64, 32], version: 0, changed: false };
export const STATS = {
  result: {
    ...NOW,
    stats: { min: -0.61, max: 0.74, mean: 0.0123, std: 0.125 },
  },
};

/** Takes the view that is shown away. */
export function dispose(): void {
  view!.dispose();
}
