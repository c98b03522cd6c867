/**
 * A bitmap that boxes and lines are put into pixel by pixel. Where thousands of boxes are in sight each is a few pixels
 * large, and a canvas spends longer on taking the order for one than on filling it.
 */

/** Red, green and blue with full opacity, as one pixel of a bitmap. */
export type Colour = number;

const OPAQUE = 0xff000000;

export function colourOf(red: number, green: number, blue: number): Colour {
  return (OPAQUE | (blue << 16) | (green << 8) | red) >>> 0;
}

export class Raster {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  private readonly pixels: Uint32Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = new Uint8ClampedArray(width * height * 4);
    this.pixels = new Uint32Array(this.data.buffer);
  }

  clear(colour: Colour): void {
    this.pixels.fill(colour);
  }

  at(x: number, y: number): Colour {
    return this.pixels[y * this.width + x]!;
  }

  /** `share` of 256 of the pixel becomes `colour`. */
  private blend(at: number, colour: Colour, share: number): void {
    const { pixels } = this;
    if (share >= 256) {
      pixels[at] = colour;
      return;
    }
    const below = pixels[at]!;
    const rest = 256 - share;
    const redBlue = (((below & 0xff00ff) * rest + (colour & 0xff00ff) * share) >>> 8) & 0xff00ff;
    const green = (((below & 0xff00) * rest + (colour & 0xff00) * share) >>> 8) & 0xff00;
    pixels[at] = (OPAQUE | redBlue | green) >>> 0;
  }

  /** Fills from (left, top) to (right, bottom); a pixel that is covered in part takes that part of the colour. */
  rect(left: number, top: number, right: number, bottom: number, colour: Colour, opacity = 1): void {
    const { width, height, pixels } = this;
    const x0 = left > 0 ? left : 0;
    const x1 = right < width ? right : width;
    const y0 = top > 0 ? top : 0;
    const y1 = bottom < height ? bottom : height;
    if (x0 >= x1 || y0 >= y1) return;
    const firstX = x0 | 0;
    const lastX = Math.ceil(x1) - 1;
    const lastY = Math.ceil(y1) - 1;
    for (let y = y0 | 0; y <= lastY; y++) {
      const down = (y + 1 < y1 ? y + 1 : y1) - (y > y0 ? y : y0);
      const row = y * width;
      const full = (256 * down * opacity) | 0;
      this.blend(row + firstX, colour, (full * ((firstX + 1 < x1 ? firstX + 1 : x1) - x0)) | 0);
      if (lastX === firstX) continue;
      if (full >= 256) pixels.fill(colour, row + firstX + 1, row + lastX);
      else for (let x = firstX + 1; x < lastX; x++) this.blend(row + x, colour, full);
      this.blend(row + lastX, colour, (full * (x1 - lastX)) | 0);
    }
  }

  /** A rectangle's edge, one pixel wide, inside of it. */
  outline(left: number, top: number, right: number, bottom: number, colour: Colour): void {
    this.rect(left, top, right, top + 1, colour);
    this.rect(left, bottom - 1, right, bottom, colour);
    this.rect(left, top + 1, left + 1, bottom - 1, colour);
    this.rect(right - 1, top + 1, right, bottom - 1, colour);
  }

  /** A line one pixel wide, in `opacity`, stepping along its longer side. */
  line(x0: number, y0: number, x1: number, y1: number, colour: Colour, opacity: number): void {
    const { width, height } = this;
    const share = (256 * opacity) | 0;
    const [dx, dy] = [x1 - x0, y1 - y0];
    const steps = Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)));
    if (!steps) return;
    if (dx === 0) return this.upright(x0, y0, dy / steps, steps, colour, share);
    const [stepX, stepY] = [dx / steps, dy / steps];
    // Only the steps that are inside: a link may be a million pixels long.
    let [from, to] = [0, steps];
    for (let axis = 0; axis < 2; axis++) {
      const [start, step, size] = axis ? [y0, stepY, height] : [x0, stepX, width];
      if (step === 0) {
        if (start < 0 || start >= size) return;
        continue;
      }
      const [a, b] = [-start / step, (size - start) / step];
      from = Math.max(from, Math.ceil(Math.min(a, b)));
      to = Math.min(to, Math.floor(Math.max(a, b)));
    }
    for (let i = from; i <= to; i++) {
      const [x, y] = [(x0 + i * stepX) | 0, (y0 + i * stepY) | 0];
      if (x >= 0 && x < width && y >= 0 && y < height) this.blend(y * width + x, colour, share);
    }
  }

  /** Most of the lines there are: without a step to the side. */
  private upright(x: number, y0: number, step: number, steps: number, colour: Colour, share: number): void {
    const { width, height } = this;
    if (x < 0 || x >= width) return;
    const y1 = y0 + steps * step;
    const top = Math.max(0, Math.min(y0, y1) | 0);
    const bottom = Math.min(height - 1, Math.max(y0, y1) | 0);
    if (Math.max(y0, y1) < 0) return;
    for (let at = top * width + (x | 0), last = bottom * width + (x | 0); at <= last; at += width)
      this.blend(at, colour, share);
  }
}
