/** Widths of text, each measured once: in a large graph the same few hundred names come again and again. */

const MOST = 20_000;

const known = new Map<string, number>();

export function widthOf(text: string, font: string, measure: () => number): number {
  const key = `${font}\n${text}`;
  let width = known.get(key);
  if (width === undefined) {
    width = measure();
    if (known.size >= MOST) known.clear();
    known.set(key, width);
  }
  return width;
}

/** To be called when fonts have come or gone. */
export function forgetWidths(): void {
  known.clear();
}
