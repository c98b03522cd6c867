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
      for (let x = firstX; x <= lastX; x++) {
        const across = x === firstX || x === lastX ? (x + 1 < x1 ? x + 1 : x1) - (x > x0 ? x : x0) : 1;
        const share = across < 1 ? (full * across) | 0 : full;
        if (share >= 256) pixels[row + x] = colour;
        else this.blend(row + x, colour, share);
      }
    }
  }

  /** A line one pixel wide, in `opacity`, stepping along its longer side. */
  line(x0: number, y0: number, x1: number, y1: number, colour: Colour, opacity: number): void {
    const { width, height } = this;
    const [dx, dy] = [x1 - x0, y1 - y0];
    const steps = Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)));
    if (!steps) return;
    const [stepX, stepY] = [dx / steps, dy / steps];
    // Only the steps that are inside: a link may be a million pixels long.
    let [from, to] = [0, steps];
    const cut = (start: number, step: number, size: number): void => {
      if (step === 0) {
        if (start < 0 || start >= size) to = -1;
        return;
      }
      const [a, b] = [-start / step, (size - start) / step];
      from = Math.max(from, Math.ceil(Math.min(a, b)));
      to = Math.min(to, Math.floor(Math.max(a, b)));
    };
    cut(x0, stepX, width);
    cut(y0, stepY, height);
    const share = (256 * opacity) | 0;
    for (let i = from; i <= to; i++) {
      const [x, y] = [(x0 + i * stepX) | 0, (y0 + i * stepY) | 0];
      if (x >= 0 && x < width && y >= 0 && y < height) this.blend(y * width + x, colour, share);
    }
  }
}
