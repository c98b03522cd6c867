/** What a view remembers when it is taken away and made again, as a notebook does with what scrolls far off. */
import type { Direction } from './trace.js';

export interface Memory {
  direction?: Direction;
  open?: Partial<Record<Direction, string[]>>;
  selected?: string | undefined;
  saved?: boolean;
  hooks?: boolean;
  overlay?: string | undefined;
  outline?: boolean;
  /** Of the element, in pixels: it is as high as it was. */
  height?: number;
}
