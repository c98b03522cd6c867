/**
 * The whole of a large picture as one bitmap, links included, for the distance at which all of it is in sight: while it
 * is moved, only the bitmap is.
 */
import type { Standing } from './emphasis.js';
import { paintFar, type Distance } from './far.js';
import type { Look } from './painter.js';
import type { Palette } from './palette.js';
import type { Picture } from './picture.js';
import { Raster } from './raster.js';

/** Smaller pictures are drawn anew each time. */
const LEAST_BOXES = 10_000;

const MOST_PIXELS = 3e6;
const MOST_SIDE = 8_192;

/** What the bitmap was made of: it is made anew when one of these is another. */
type Source = unknown[];

export class Overview {
  private canvas: HTMLCanvasElement | undefined;
  private source: Source = [];
  private scale = 0;

  /** Paints the window from the bitmap; false: the window is too near, or the picture too small, for that. */
  paint(
    context: CanvasRenderingContext2D,
    ratio: number,
    palette: Palette,
    picture: Picture,
    look: Look,
    standing: Standing,
    distance: Distance,
  ): boolean {
    if (picture.boxes.count < LEAST_BOXES) return false;
    const { width, height } = picture.size;
    this.scale = Math.min(Math.sqrt(MOST_PIXELS / (width * height)), MOST_SIDE / width, MOST_SIDE / height);
    const { view, window } = look;
    if (view.zoom * ratio > this.scale) return false;
    const { kept, found } = look.emphasis;
    const source = [picture, palette, look.tints, standing.rest, kept, found];
    if (!this.canvas || source.some((part, i) => part !== this.source[i])) {
      this.draw(context, palette, picture, distance);
      this.source = source;
    }
    context.fillStyle = palette.colours.paper;
    context.fillRect(0, 0, window.width, window.height);
    const [x, y] = [-view.x * view.zoom, -view.y * view.zoom];
    context.drawImage(this.canvas!, x, y, width * view.zoom, height * view.zoom);
    return true;
  }

  release(): void {
    this.canvas = undefined;
    this.source = [];
  }

  private draw(
    context: CanvasRenderingContext2D,
    palette: Palette,
    picture: Picture,
    distance: Distance,
  ): void {
    const { width, height } = picture.size;
    const raster = new Raster(
      Math.max(1, Math.ceil(width * this.scale)),
      Math.max(1, Math.ceil(height * this.scale)),
    );
    const view = { x: 0, y: 0, zoom: this.scale };
    paintFar(context, raster, palette, picture, { ...distance, view, ratio: 1 });
    this.canvas = context.canvas.ownerDocument.createElement('canvas');
    this.canvas.width = raster.width;
    this.canvas.height = raster.height;
    this.canvas.getContext('2d')!.putImageData(new ImageData(raster.data, raster.width, raster.height), 0, 0);
  }
}
