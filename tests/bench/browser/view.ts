/** What is done with a view in the page: opened, expanded, moved. */
import type { Bench, Spent } from './page.js';

/** Fetches a document's text, so that the network is not part of what is measured. */
export async function load(bench: Bench, name: string): Promise<void> {
  await bench.page.evaluate(async path => {
    (globalThis as any).text = await (await fetch(path)).text();
  }, `/documents/${encodeURIComponent(name)}`);
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
  cpu: number;
}

/** Zooms from all of it to its names and back, and drags it about at each level: milliseconds a frame. */
export async function move(bench: Bench): Promise<Frames> {
  const before = await bench.metric('ProcessTime');
  const gaps = await bench.page.evaluate(async () => {
    const stage = document.querySelector('#view .ts-stage') as HTMLElement;
    const { left, top, width, height } = stage.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const pointer = (type: string, dx: number, dy: number): void => {
      const place = { clientX: x + dx, clientY: y + dy, pointerId: 1, button: 0, bubbles: true };
      stage.dispatchEvent(new PointerEvent(type, place));
    };
    stage.setPointerCapture = () => undefined;
    const frame = () => new Promise<number>(resolve => requestAnimationFrame(resolve));
    const twin = stage.parentElement!.querySelector('.ts-twin')!;
    twin.dispatchEvent(new KeyboardEvent('keydown', { key: 'F', shiftKey: true, bubbles: true }));
    for (let i = 0; i < 40; i++) await frame();
    const gaps: number[] = [];
    let last = await frame();
    const step = async (): Promise<void> => {
      const now = await frame();
      gaps.push(now - last);
      last = now;
    };
    const zoom = async (delta: number): Promise<void> => {
      stage.dispatchEvent(
        new WheelEvent('wheel', { deltaY: delta, ctrlKey: true, clientX: x, clientY: y, bubbles: true, cancelable: true }),
      );
      await step();
    }; // prettier-ignore
    const drag = async (): Promise<void> => {
      pointer('pointerdown', 0, 0);
      for (let i = 1; i <= 12; i++) {
        pointer('pointermove', 15 * i, 8 * i);
        await step();
      }
      pointer('pointerup', 180, 96);
    };
    for (let level = 0; level < 24; level++) {
      for (let i = 0; i < 4; i++) await zoom(-80);
      await drag();
    }
    for (let i = 0; i < 96; i++) await zoom(80);
    return gaps;
  });
  const cpu = ((await bench.metric('ProcessTime')) - before) / gaps.length;
  const sorted = [...gaps].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1]!, worst: sorted[sorted.length - 1]!, cpu: 1000 * cpu };
}
