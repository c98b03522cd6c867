/** Tells how large an element is and whether it is on the screen, or near it. */

export interface Seen {
  resized(width: number, height: number): void;
  sighted(near: boolean): void;
}

/** Returns what ends the watching. */
export function watch(element: HTMLElement, seen: Seen): () => void {
  const ends: (() => void)[] = [];
  if (typeof ResizeObserver === 'function') {
    const sizes = new ResizeObserver(() => seen.resized(element.clientWidth, element.clientHeight));
    sizes.observe(element);
    ends.push(() => sizes.disconnect());
  }
  if (typeof IntersectionObserver === 'function') {
    const sight = new IntersectionObserver(entries => seen.sighted(entries.at(-1)!.isIntersecting), {
      rootMargin: '200px',
    });
    sight.observe(element);
    ends.push(() => sight.disconnect());
  }
  return () => ends.forEach(end => end());
}
