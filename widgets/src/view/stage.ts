/**
 * The canvas: shows a picture, pans with a drag, zooms with Ctrl and the wheel (the plain wheel scrolls the notebook),
 * says what was clicked. It holds pixels only while it is on screen.
 */
import { FONTS, type Font, type Measure } from '../draw/content.js';
import type { Marks } from '../draw/boxes.js';
import { paint } from '../draw/painter.js';
import { readPalette, type Palette } from '../draw/palette.js';
import type { Picture } from '../draw/picture.js';
import * as viewport from '../draw/viewport.js';
import type { Size, Viewport } from '../draw/viewport.js';
import { el } from './dom.js';

export interface StageEvents {
  /** A click; -1 beside all boxes. */
  clicked(box: number, twice: boolean): void;
  zoomed(zoom: number): void;
}

const DRAG_FROM = 4;
const MOTION = 240;

export class Stage {
  readonly element = el('div', { class: 'ts-stage' });
  readonly marks: Marks = { saved: true, hooks: true };
  found: ReadonlySet<number> = new Set();
  private readonly canvas = el('canvas', { 'aria-hidden': 'true' });
  private readonly context = this.canvas.getContext('2d');
  private palette: Palette | undefined;
  private picture: Picture | undefined;
  private view: Viewport = { x: 0, y: 0, zoom: 1 };
  private window: Size = { width: 0, height: 0 };
  private selected = -1;
  private hovered = -1;
  private frame = 0;
  private motion = 0;
  /** Where a motion under way will end. */
  private target: Viewport | undefined;
  private onScreen = true;
  private placed = false;
  private focus = 0;
  private readonly ends: (() => void)[] = [];

  constructor(private readonly events: StageEvents) {
    this.element.append(this.canvas);
    this.listen();
  }

  /** Measures with this canvas's fonts; a guess where there is no canvas. */
  readonly measure: Measure = (text: string, font: Font) => {
    const { weight, size, mono } = FONTS[font];
    if (!this.context) return text.length * size * 0.6;
    const palette = (this.palette ??= readPalette(this.element));
    this.context.font = `${weight} ${size}px ${mono ? palette.codeFont : palette.uiFont}`;
    return this.context.measureText(text).width;
  };

  /** Shows `picture`; `anchor` is a point of it that keeps its place in the window, as the old picture had it. */
  show(
    picture: Picture,
    focus: number,
    anchor?: { before: [number, number]; after: [number, number] },
  ): void {
    this.picture = picture;
    this.focus = focus;
    this.hovered = -1;
    this.selected = -1;
    if (anchor && this.placed) {
      this.view = {
        x: this.view.x + anchor.after[0] - anchor.before[0],
        y: this.view.y + anchor.after[1] - anchor.before[1],
        zoom: this.view.zoom,
      };
      this.view = viewport.clampView(this.view, picture.size, this.window);
    } else this.placeFirst();
    this.invalidate();
  }

  private placeFirst(): void {
    if (!this.picture || !this.window.width) return;
    this.view = viewport.firstView(this.picture.size, this.window, this.focus);
    this.placed = true;
    this.events.zoomed(this.view.zoom);
  }

  select(box: number): void {
    this.selected = box;
    this.invalidate();
  }

  /** Brings a box into the window, by the least movement. */
  reveal(box: number): void {
    if (!this.picture || box < 0) return;
    const to = viewport.reveal(this.target ?? this.view, this.window, this.picture.rect(box));
    if (Math.hypot(to.x - this.view.x, to.y - this.view.y) > 0.5) this.glide(to);
  }

  fit(): void {
    if (this.picture) this.glide(viewport.fit(this.picture.size, this.window));
  }

  zoomBy(factor: number): void {
    const rect = this.selected >= 0 ? this.picture?.rect(this.selected) : undefined;
    const x = rect ? ((rect.left + rect.right) / 2 - this.view.x) * this.view.zoom : this.window.width / 2;
    const y = rect ? ((rect.top + rect.bottom) / 2 - this.view.y) * this.view.zoom : this.window.height / 2;
    const inside = x >= 0 && y >= 0 && x <= this.window.width && y <= this.window.height;
    this.move(
      viewport.zoomAbout(
        this.view,
        factor,
        inside ? x : this.window.width / 2,
        inside ? y : this.window.height / 2,
      ),
    );
  }

  themeChanged(): void {
    this.palette = undefined;
    this.invalidate();
  }

  invalidate(): void {
    if (!this.frame && this.onScreen) this.frame = requestAnimationFrame(() => this.paint());
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.motion);
    for (const end of this.ends) end();
    this.releasePixels();
    this.element.remove();
  }

  /** Ends a motion at once, at its end. */
  private arrive(): void {
    cancelAnimationFrame(this.motion);
    if (this.target) this.view = this.target;
    this.target = undefined;
  }

  private move(view: Viewport): void {
    if (!this.picture) return;
    this.arrive();
    this.view = viewport.clampView(view, this.picture.size, this.window);
    this.events.zoomed(this.view.zoom);
    this.invalidate();
  }

  private glide(to: Viewport): void {
    this.arrive();
    const from = this.view;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches || !this.window.width) return this.move(to);
    const start = performance.now();
    const step = (now: number): void => {
      const t = Math.min(1, Math.max(0, (now - start) / MOTION));
      const eased = 1 - (1 - t) ** 3;
      const mix = (a: number, b: number): number => a + (b - a) * eased;
      this.view = { x: mix(from.x, to.x), y: mix(from.y, to.y), zoom: mix(from.zoom, to.zoom) };
      this.events.zoomed(this.view.zoom);
      this.invalidate();
      if (t < 1) this.motion = requestAnimationFrame(step);
      else this.target = undefined;
    };
    this.target = to;
    this.motion = requestAnimationFrame(step);
  }

  private paint(): void {
    this.frame = 0;
    const { context, picture, window } = this;
    if (!context || !picture || !window.width) return;
    const ratio = globalThis.devicePixelRatio || 1;
    const [width, height] = [Math.round(window.width * ratio), Math.round(window.height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.palette ??= readPalette(this.element);
    const { view, selected, hovered, marks, found } = this;
    paint(context, this.palette, picture, { view, window, selected, hovered, marks, found });
  }

  private releasePixels(): void {
    this.canvas.width = 0;
    this.canvas.height = 0;
  }

  private resize(width: number, height: number): void {
    const before = this.window;
    this.window = { width, height };
    this.arrive();
    if (!width || !height) return;
    if (!this.placed) this.placeFirst();
    else if (before.width && this.picture) {
      // What fitted still fits: the middle keeps its place.
      this.view = { ...this.view, x: this.view.x + (before.width - width) / 2 / this.view.zoom };
      if (this.selected >= 0)
        this.view = viewport.reveal(this.view, this.window, this.picture.rect(this.selected));
      this.view = viewport.clampView(this.view, this.picture.size, this.window);
    }
    this.invalidate();
  }

  private on<Name extends keyof HTMLElementEventMap>(
    name: Name,
    act: (event: HTMLElementEventMap[Name]) => void,
    options?: AddEventListenerOptions,
  ): void {
    this.element.addEventListener(name, act, options);
    this.ends.push(() => this.element.removeEventListener(name, act, options));
  }

  private listen(): void {
    let down: { x: number; y: number; view: Viewport; moved: boolean } | undefined;
    this.on('pointerdown', event => {
      if (event.button !== 0) return;
      down = { x: event.clientX, y: event.clientY, view: this.view, moved: false };
    });
    this.on('pointermove', event => {
      if (!down) return this.hover(this.boxAt(event));
      const [dx, dy] = [event.clientX - down.x, event.clientY - down.y];
      if (!down.moved && Math.hypot(dx, dy) < DRAG_FROM) return;
      if (!down.moved) this.element.setPointerCapture(event.pointerId);
      down.moved = true;
      this.element.classList.add('ts-dragging');
      this.move({ ...down.view, x: down.view.x - dx / this.view.zoom, y: down.view.y - dy / this.view.zoom });
    });
    const up = (event: PointerEvent): void => {
      const click = down && !down.moved && event.type === 'pointerup';
      down = undefined;
      this.element.classList.remove('ts-dragging');
      if (click) this.events.clicked(this.boxAt(event), false);
    };
    this.on('pointerup', up);
    this.on('pointercancel', up);
    this.on('pointerleave', () => this.hover(-1));
    this.on('dblclick', event => this.events.clicked(this.boxAt(event), true));
    this.on(
      'wheel',
      event => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const { left, top } = this.element.getBoundingClientRect();
        this.move(
          viewport.zoomAbout(
            this.view,
            Math.exp(-event.deltaY * 0.0022),
            event.clientX - left,
            event.clientY - top,
          ),
        );
      },
      { passive: false },
    );
    if (typeof ResizeObserver === 'function') {
      const sizes = new ResizeObserver(() =>
        this.resize(this.element.clientWidth, this.element.clientHeight),
      );
      sizes.observe(this.element);
      this.ends.push(() => sizes.disconnect());
    }
    if (typeof IntersectionObserver === 'function') {
      const sight = new IntersectionObserver(
        ([entry]) => {
          this.onScreen = entry!.isIntersecting;
          if (this.onScreen) this.invalidate();
          else this.releasePixels();
        },
        { rootMargin: '200px' },
      );
      sight.observe(this.element);
      this.ends.push(() => sight.disconnect());
    }
  }

  private boxAt(event: MouseEvent): number {
    const { left, top } = this.element.getBoundingClientRect();
    const x = (event.clientX - left) / this.view.zoom + this.view.x;
    const y = (event.clientY - top) / this.view.zoom + this.view.y;
    return this.picture ? this.picture.at(x, y) : -1;
  }

  private hover(box: number): void {
    if (box === this.hovered) return;
    this.hovered = box;
    this.element.classList.toggle('ts-pointing', box >= 0);
    this.invalidate();
  }
}
