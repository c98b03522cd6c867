/** What an overlay says of a box: its step on the scale, and the number in words. An overlay recolours, nothing moves. */
import type { ColourName, Palette } from './palette.js';

export type Fill = ColourName | 'none' | 'bad';

export interface Tint {
  /** none: there is no number. bad: NaN or infinite, never a step of the scale. plain: several numbers, not filled. */
  fill: Fill | 'plain';
  text: string;
  /** Of a repetition: one cell a turn, or the most of several turns. */
  strip?: Fill[];
  /** A word about an extreme number, shown with the sign of a warning. */
  alarm?: string;
}

export type Tints = (box: number) => Tint | undefined;

/** The one colour that a box has in a tint, where no more of it can be seen. */
export function colourOfTint(tint: Tint | undefined, palette: Palette): string | undefined {
  if (!tint || tint.fill === 'plain') return undefined;
  const { fill } = tint;
  return palette.colours[fill === 'none' ? 'line-2' : fill === 'bad' ? 'error' : fill];
}
