/** Waits for views to come to rest, instead of for a time that a busy machine does not keep. */
import type { Page } from 'playwright-core';

/** How often in a row a view has to look the same, and how long lies between, in milliseconds. */
const TIMES = 3;
const BETWEEN = 60;

/** Until no view of the page makes a picture, moves, or says anything new. Fails after half a minute. */
export function settled(page: Page): Promise<void> {
  return page.evaluate(
    async ({ times, between, most }) => {
      const look = (): string | undefined => {
        if (document.querySelector('.ts-view[aria-busy=true]')) return undefined;
        const views = [...document.querySelectorAll<HTMLElement>('.ts-view')];
        return views
          .map(view => {
            const { left, top, width, height } = view.getBoundingClientRect();
            const drawings = [...view.querySelectorAll('canvas')].map(each => each.toDataURL());
            return [left, top, width, height, view.textContent, ...drawings].join();
          })
          .join();
      };
      await document.fonts.ready;
      const begin = performance.now();
      let [before, same] = [look(), 0];
      while (same < times) {
        if (performance.now() - begin > most) throw new Error(`A view still moves after ${most} ms.`);
        // A frame too: time may pass in which the page draws nothing.
        await new Promise(requestAnimationFrame);
        await new Promise(resolve => setTimeout(resolve, between));
        const now = look();
        same = now !== undefined && now === before ? same + 1 : 0;
        before = now;
      }
    },
    { times: TIMES, between: BETWEEN, most: 30_000 },
  );
}
