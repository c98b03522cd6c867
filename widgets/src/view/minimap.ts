/**
 * The whole picture, small, in a corner, with the window as a frame in it; a click or a drag moves the window there.
 * It is there only while a part of the picture is out of sight. When the picture has come to rest, it goes to a
 * corner where it covers no box, and no frame's title if it can; where there is none, it stays in a window that has
 * room for both, else it hides.
 */
import { paintFar } from '../draw/far.js';
import type { Look } from '../draw/painter.js';
import type { Palette } from '../draw/palette.js';
import type { Picture } from '../draw/picture.js';
import { Raster } from '../draw/raster.js';
import { colourOfTint } from '../draw/tint.js';
import { reachesOut, type Rect } from '../draw/viewport.js';
import type { Camera } from './camera.js';
import { freeCorner, type Corner } from './corner.js';
import { el } from './dom.js';

/** Pixels of the page. */
const MOST = { width: 132, height: 100 };
const LEAST = 28;
const PAD = 4;
const SMALLEST_FRAME = 6;
const MANY = 10_000;
/** Up to this width it takes too much of the window to stand over boxes. */
const NARROW = 640;
/** Milliseconds without a change: at rest. */
const REST = 150;

export class Minimap {
  readonly element = el('div', { class: 'ts-minimap', 'aria-hidden': 'true', hidden: true });
  private readonly frame = el('div', { class: 'ts-minimap-frame' });
  private canvas: HTMLCanvasElement | undefined;
  private drawn: { picture: Picture; tints: Look['tints']; palette: Palette } | undefined;
  private inner = { width: 0, height: 0 };
  private scale = 1;
  private offset = { x: 0, y: 0 };
  private corner: Corner | undefined;
  private tucked = false;
  /** A part of the picture is out of sight, and there is room for a map of it. */
  private away = false;
  private resting: ReturnType<typeof setTimeout> | undefined;
  /** A pointer is held down on it: it stays under it. */
  private held = false;

  constructor(private readonly camera: Camera) {
    this.element.append(this.frame);
    this.element.addEventListener('pointerdown', event => {
      event.stopPropagation();
      this.held = true;
      this.element.setPointerCapture?.(event.pointerId);
      this.go(event);
    });
    this.element.addEventListener('pointermove', event => {
      event.stopPropagation();
      if (this.held) this.go(event);
    });
    for (const name of ['pointerup', 'pointercancel', 'dblclick', 'click'] as const)
      this.element.addEventListener(name, event => {
        event.stopPropagation();
        this.held = false;
        this.rest();
      });
  }

  private go(event: PointerEvent): void {
    const { left, top } = this.element.getBoundingClientRect();
    const x = (event.clientX - left - this.element.clientLeft - this.offset.x) / this.scale;
    const y = (event.clientY - top - this.element.clientTop - this.offset.y) / this.scale;
    this.camera.centre(x, y);
  }

  /** In step with what the stage shows. */
  update(picture: Picture, palette: Palette, tints: Look['tints']): void {
    const { camera } = this;
    const roomy = camera.window.width >= 2 * MOST.width && camera.window.height >= 1.5 * MOST.height;
    const away = (this.away = roomy && reachesOut(camera.view, picture.size, camera.window));
    this.element.hidden = !away || this.tucked;
    const { drawn } = this;
    // Of a large picture it is drawn beforehand: the first drag has no time for that.
    if (!away && picture.boxes.count < MANY) return this.release();
    if (drawn?.picture !== picture || drawn.palette !== palette || drawn.tints !== tints) {
      this.drawn = { picture, tints, palette };
      this.draw(picture, palette, tints);
    }
    this.place();
    if (!away) return;
    if (this.corner && drawn) this.rest();
    else this.settle();
  }

  private rest(): void {
    clearTimeout(this.resting);
    if (this.drawn) this.resting = setTimeout(() => this.settle(), REST);
  }

  private settle(): void {
    const { camera, drawn } = this;
    if (!drawn || !this.away || this.held) return;
    const { picture } = drawn;
    const covers = (rect: Rect, what: (box: number) => boolean): boolean => {
      let found = false;
      picture.boxes.search(rect, box => (found ||= what(box)));
      return found;
    };
    const isClosed = (box: number): boolean => !picture.scene.boxes[box]!.open;
    // A title may be anywhere in the row: it stays on the page as long as its frame does.
    const hasTitle = (box: number, { top, bottom }: Rect): boolean => {
      const row = picture.heading(box);
      return row.top < bottom && row.bottom > top;
    };
    // With its border.
    const size = { width: this.inner.width + 2, height: this.inner.height + 2 };
    const free = (isTaken: (rect: Rect) => boolean): Corner | undefined =>
      freeCorner(this.corner, size, camera.window, camera.view, isTaken);
    const corner =
      free(rect => covers(rect, box => isClosed(box) || hasTitle(box, rect))) ??
      free(rect => covers(rect, isClosed));
    this.corner = corner ?? 'bottom right';
    this.tucked = !corner && camera.window.width <= NARROW;
    this.element.dataset.corner = this.corner;
    this.element.hidden = this.tucked;
  }

  release(): void {
    clearTimeout(this.resting);
    this.canvas?.remove();
    this.canvas = undefined;
    this.drawn = undefined;
    this.corner = undefined;
    this.tucked = false;
  }

  private draw(picture: Picture, palette: Palette, tints: Look['tints']): void {
    const { width, height } = picture.size;
    this.scale = Math.min((MOST.width - 2 * PAD) / width, (MOST.height - 2 * PAD) / height);
    const inner = (this.inner = {
      width: Math.max(LEAST, Math.ceil(width * this.scale) + 2 * PAD),
      height: Math.max(LEAST, Math.ceil(height * this.scale) + 2 * PAD),
    });
    this.offset = {
      x: (inner.width - width * this.scale) / 2,
      y: (inner.height - height * this.scale) / 2,
    };
    const ratio = globalThis.devicePixelRatio || 1;
    const raster = new Raster(Math.round(inner.width * ratio), Math.round(inner.height * ratio));
    if (!this.canvas) this.element.prepend((this.canvas = el('canvas')));
    this.canvas.width = raster.width;
    this.canvas.height = raster.height;
    Object.assign(this.element.style, { width: `${inner.width + 2}px`, height: `${inner.height + 2}px` });
    const context = this.canvas.getContext('2d');
    if (!context) return;
    paintFar(context, raster, palette, picture, {
      view: { x: -this.offset.x / this.scale, y: -this.offset.y / this.scale, zoom: this.scale },
      ratio,
      tint: tints && (box => colourOfTint(tints(box), palette)),
      weight: () => 'plain',
      isAway: () => false,
    });
    context.putImageData(new ImageData(raster.data, raster.width, raster.height), 0, 0);
  }

  private place(): void {
    const { camera, scale, offset } = this;
    const { x, y, zoom } = camera.view;
    const along = (at: number, size: number, start: number, most: number): [number, number] => {
      const low = Math.max(0, Math.min(start + at * scale, most - SMALLEST_FRAME));
      const high = Math.min(most, Math.max(start + (at + size) * scale, low + SMALLEST_FRAME));
      return [low, high - low];
    };
    const [left, width] = along(x, camera.window.width / zoom, offset.x, this.inner.width);
    const [top, height] = along(y, camera.window.height / zoom, offset.y, this.inner.height);
    const place = `translate(${left}px, ${top}px)`;
    Object.assign(this.frame.style, { transform: place, width: `${width}px`, height: `${height}px` });
  }
}
