/** Sites of one line, whatever the instruction: CPython moves a call's instruction once it has run a few times. */
import type { GraphModel } from './model.js';
import { Texts } from './texts.js';

/** By the row of a site: the same number for sites of one place. */
export function lineNumbers({ document: { tables } }: GraphModel): Int32Array {
  const texts = new Texts();
  const { sites } = tables;
  const numbers = new Int32Array(sites.length);
  for (let row = 0; row < numbers.length; row++) {
    const { id, ...place } = sites.row(row);
    numbers[row] = texts.of(JSON.stringify(place));
  }
  return numbers;
}
