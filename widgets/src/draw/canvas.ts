/** Paints a look onto a canvas: near by with paths and text, far away with a bitmap. */
import { Standing } from './emphasis.js';
import { paintFar, type Distance } from './far.js';
import { Overview } from './overview.js';
import { paint, paintOutstanding, windowOf, type Look } from './painter.js';
import type { Palette } from './palette.js';
import type { Picture } from './picture.js';
import { Raster } from './raster.js';
import { colourOfTint } from './tint.js';
import { detailOf } from './viewport.js';

/** So many boxes without text are drawn sooner by pixels than by paths. */
const MANY = 500;

export class CanvasPainter {
  private raster: Raster | undefined;
  private image: ImageData | undefined;
  private readonly overview = new Overview();

  /** `ratio`: pixels of the canvas for each of the page. */
  paint(
    context: CanvasRenderingContext2D,
    ratio: number,
    palette: Palette,
    picture: Picture,
    look: Look,
  ): void {
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (!isFar(picture, look)) return paint(context, palette, picture, look);
    const { tints } = look;
    const standing = new Standing(picture, look.emphasis);
    const distance: Distance = {
      view: look.view,
      ratio,
      tint: tints && (box => colourOfTint(tints(box), palette)),
      // What stands out is painted over this, and moves while a bitmap of this is kept.
      weight: box => (standing.isOutside(box) ? 'away' : standing.of(box) === 'dim' ? 'dim' : 'plain'),
      isAway: link => standing.isAway(link),
    };
    if (!this.overview.paint(context, ratio, palette, picture, look, standing, distance))
      this.pixels(context, palette, picture, distance);
    paintOutstanding(context, palette, picture, look);
  }

  private pixels(
    context: CanvasRenderingContext2D,
    palette: Palette,
    picture: Picture,
    distance: Distance,
  ): void {
    const { width, height } = context.canvas;
    if (this.raster?.width !== width || this.raster.height !== height) {
      this.raster = new Raster(width, height);
      this.image = new ImageData(this.raster.data, width, height);
    }
    paintFar(context, this.raster, palette, picture, distance);
    context.putImageData(this.image!, 0, 0);
  }

  /** Gives the memory of the bitmaps back. */
  release(): void {
    this.raster = undefined;
    this.image = undefined;
    this.overview.release();
  }
}

function isFar(picture: Picture, look: Look): boolean {
  const detail = detailOf(look.view.zoom);
  if (detail === 'density') return true;
  if (detail !== 'colour') return false;
  let count = 0;
  picture.boxes.search(windowOf(look), () => void count++);
  return count > MANY;
}
