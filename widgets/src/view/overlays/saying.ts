/** What an overlay says of a box, in words: part of its row, and of what is spoken. */
import type { Tints } from '../../draw/tint.js';

export function saying(tints: Tints | undefined): ((box: number) => string | undefined) | undefined {
  return tints && (box => [tints(box)?.text, tints(box)?.alarm].filter(Boolean).join(', ') || undefined);
}
