/** What is done with a view in the page: opened, expanded, moved. */
import type { Bench, Spent } from './page.js';

/** Fetches a document's text, so that the network is not part of what is measured. */
export async function load(bench: Bench, name: string): Promise<void> {
  await bench.page.evaluate(
    async path => {
      (globalThis as any).text = await (await fetch(path)).text();
    },
    `/documents/${encodeURIComponent(name)}`,
  );
}

/** Reads the text's document, and forgets it. */
export function read(bench: Bench): Promise<Spent> {
  return bench.spent(() =>
    bench.page.evaluate(() => {
      const { tapescope, text } = globalThis as any;
      tapescope.parse(JSON.parse(text));
    }),
  );
}

/** From the text to the first picture. */
export function open(bench: Bench): Promise<Spent> {
  return bench.spent(() =>
    bench.page.evaluate(async () => {
      const { tapescope, text } = globalThis as any;
      (globalThis as any).text = undefined;
      new tapescope.GraphView(document.getElementById('view'), JSON.parse(text), new tapescope.StaticHost());
      await painted(() => document.querySelector('#view [role=row]') !== null);

      async function painted(ready: () => boolean): Promise<void> {
        const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
        while (!ready()) await frame();
        for (let i = 0; i < 3; i++) await frame();
      }
    }),
  );
}

/** Opens every group, to the picture of that. */
export function expand(bench: Bench): Promise<Spent> {
  return bench.spent(() =>
    bench.page.evaluate(async () => {
      const twin = document.querySelector('#view .ts-twin')!;
      const before = twin.getAttribute('aria-rowcount');
      twin.dispatchEvent(new KeyboardEvent('keydown', { key: 'E', shiftKey: true, bubbles: true }));
      const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
      for (let i = 0; i < 6000 && twin.getAttribute('aria-rowcount') === before; i++) await frame();
      for (let i = 0; i < 3; i++) await frame();
    }),
  );
}

export function boxes(bench: Bench): Promise<number> {
  return bench.page.evaluate(() =>
    Number(document.querySelector('#view .ts-twin')!.getAttribute('aria-rowcount')),
  );
}

export interface Frames {
  median: number;
  worst: number;
}

/** Dispatches the events of one step, and waits until they are drawn. */
async function step(bench: Bench, zoom: number, drag?: [x: number, y: number]): Promise<number> {
  const before = bench.mainThread;
  await bench.page.evaluate(
    async ({ zoom, drag }) => {
      const stage = document.querySelector('#view .ts-stage') as HTMLElement;
      stage.setPointerCapture = () => undefined;
      const { left, top, width, height } = stage.getBoundingClientRect();
      const [x, y] = [left + width / 2, top + height / 2];
      const more = { bubbles: true, cancelable: true };
      if (zoom) {
        const event = { ...more, deltaY: zoom, ctrlKey: true, clientX: x, clientY: y };
        stage.dispatchEvent(new WheelEvent('wheel', event));
      }
      const pointer = (type: string, dx: number, dy: number): void => {
        const place = { ...more, clientX: x + dx, clientY: y + dy, pointerId: 1, button: 0 };
        stage.dispatchEvent(new PointerEvent(type, place));
      };
      if (drag) {
        pointer('pointerdown', 0, 0);
        pointer('pointermove', ...drag);
        pointer('pointerup', ...drag);
      }
      // Two, so that what the first one drew has been put on the screen.
      for (let i = 0; i < 2; i++) await new Promise(resolve => requestAnimationFrame(resolve));
    },
    { zoom, drag },
  );
  return 1000 * (bench.mainThread - before);
}

/**
 * Zooms from all of it to its names and back, and drags it about at each level: milliseconds of CPU a frame on the
 * renderer's main thread, with what asking for it costs. The time on the clock would be that of a busy machine.
 */
export async function move(bench: Bench): Promise<Frames> {
  await bench.page.evaluate(async () => {
    const twin = document.querySelector('#view .ts-twin')!;
    twin.dispatchEvent(new KeyboardEvent('keydown', { key: 'F', shiftKey: true, bubbles: true }));
    await new Promise(resolve => setTimeout(resolve, 1000));
  });
  const spent: number[] = [];
  for (let level = 0; level < 24; level++) {
    for (let i = 0; i < 4; i++) spent.push(await step(bench, -80));
    for (let i = 0; i < 6; i++) spent.push(await step(bench, 0, [25 - 10 * i, 18]));
  }
  for (let i = 0; i < 96; i++) spent.push(await step(bench, 80));
  if ((globalThis as any).LOG)
    console.log(
      spent
        .map((x, i) => [i, Math.round(x)])
        .filter(x => x[1]! > 20)
        .join(' ; '),
    );
  const sorted = [...spent].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1]!, worst: sorted[sorted.length - 1]! };
}
