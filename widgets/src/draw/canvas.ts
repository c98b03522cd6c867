/** Paints a look onto a canvas: near by with paths and text, far away with a bitmap. */
import { Standing } from './emphasis.js';
import { paintFar } from './far.js';
import { paint, paintOutstanding, windowOf, type Look } from './painter.js';
import type { Palette } from './palette.js';
import type { Picture } from './picture.js';
import { Raster } from './raster.js';
import { colourOfTint } from './tint.js';
import { detailOf } from './viewport.js';

/** So many boxes without text are drawn sooner by pixels than by paths. */
const MANY = 1200;

export class CanvasPainter {
  private raster: Raster | undefined;
  private image: ImageData | undefined;

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
    const { width, height } = context.canvas;
    if (this.raster?.width !== width || this.raster.height !== height) {
      this.raster = new Raster(width, height);
      this.image = new ImageData(this.raster.data, width, height);
    }
    const { tints } = look;
    const standing = new Standing(picture, look.emphasis);
    paintFar(context, this.raster, palette, picture, {
      view: look.view,
      ratio,
      tint: tints && (box => colourOfTint(tints(box), palette)),
      weight: box => {
        const state = standing.of(box);
        return state === 'dim' || state === 'away' ? state : 'plain';
      },
      isAway: link => standing.isAway(link),
    });
    context.putImageData(this.image!, 0, 0);
    paintOutstanding(context, palette, picture, look);
  }

  /** Gives the memory of the bitmap back. */
  release(): void {
    this.raster = undefined;
    this.image = undefined;
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
