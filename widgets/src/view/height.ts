/**
 * How high the display is: what its first picture needs, then more for what the user asks to see. It never shrinks by
 * itself, so that the page below stays where it is.
 */
import type { Size } from '../draw/viewport.js';
import type { Direction } from './trace.js';

/** Of the whole display, in pixels: as high as the picture needs, within these. */
const HEIGHT = { least: 220, most: 560, chrome: 34 + 26 + 2, margin: 28, panel: 460, below: 640 };

/** Up to this width the panel stands below the drawing, as the style sheet has it. */
const NARROW = 640;

export class Height {
  /** Directions whose first picture was seen. */
  private readonly seen = new Set<Direction>();

  /** `remembered`: that it had before it was taken away. */
  constructor(
    private readonly element: HTMLElement,
    private readonly remembered: number | undefined,
  ) {}

  /** Before there is a picture. */
  begin(): void {
    this.set(this.remembered ?? HEIGHT.least);
  }

  /** For the first picture of a direction, and for what the user opened in it. */
  fit(picture: Size, direction: Direction, opened: boolean): void {
    const { element, seen } = this;
    const first = seen.size === 0;
    if (seen.has(direction) && !opened) return;
    seen.add(direction);
    if (first && this.remembered) return this.set(this.remembered);
    const strips = element.querySelectorAll(':scope > :is(.ts-note, .ts-focusbar)');
    const taken = [...strips].reduce((sum, strip) => sum + strip.getBoundingClientRect().height, 0);
    const wanted = picture.height + HEIGHT.margin + HEIGHT.chrome + taken;
    const height = Math.round(Math.min(HEIGHT.most, Math.max(HEIGHT.least, wanted)));
    if (first) this.set(height);
    else this.grow(height);
  }

  /** The panel has much to say. */
  makeRoomForPanel(): void {
    this.grow(this.element.offsetWidth <= NARROW ? HEIGHT.below : HEIGHT.panel);
  }

  /** The outline stands above the drawing where there is no room beside it. */
  makeRoomForOutline(): void {
    if (this.element.offsetWidth <= NARROW) this.grow(HEIGHT.panel);
  }

  private grow(height: number): void {
    if (height > this.element.offsetHeight) this.set(height);
  }

  private set(height: number): void {
    this.element.style.height = `${height}px`;
  }
}
