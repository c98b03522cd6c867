/** The view on the whole screen, and back; the browser's own Esc leads back too. */

/** Whether the page lets a view have the screen: a frame in another page may not. */
export const mayBeWhole = (): boolean => document.fullscreenEnabled === true;

export const isWhole = (element: Element): boolean => document.fullscreenElement === element;

export async function toggleWhole(element: Element): Promise<void> {
  if (isWhole(element)) await document.exitFullscreen();
  else if (mayBeWhole()) await element.requestFullscreen();
}
