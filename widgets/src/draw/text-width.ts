/**
 * Widths of text, each measured once: in a large graph the same few hundred names come again and again. Where they do
 * not, as with the names of 10,000 parameters, a width is put together from those of its characters: a browser keeps
 * about a kilobyte for every text that it has measured.
 */

/** So many texts are measured whole. */
const MEASURED = 3_000;
const MOST = 200_000;

const known = new Map<string, number>();
let measured = 0;

/** `measure` measures in the font. */
export function widthOf(text: string, font: string, measure: (text: string) => number): number {
  const key = `${font}\n${text}`;
  let width = known.get(key);
  if (width !== undefined) return width;
  if (known.size >= MOST) forgetWidths();
  if (measured < MEASURED || text.length < 2) {
    measured++;
    width = measure(text);
  } else {
    width = 0;
    for (const character of text) width += widthOf(character, font, measure);
    // What is put together is put together again as fast as it is looked up.
    return width;
  }
  known.set(key, width);
  return width;
}

/** To be called when fonts have come or gone. */
export function forgetWidths(): void {
  known.clear();
  measured = 0;
}
