/** Which part of the picture is in the window, how it gets there, and what keeps its place when either changes. */
import * as viewport from '../draw/viewport.js';
import type { Rect, Size, Viewport } from '../draw/viewport.js';
import { DURATION, Motion } from './motion.js';

export class Camera {
  view: Viewport = { x: 0, y: 0, zoom: 1 };
  window: Size = { width: 0, height: 0 };
  picture: Size = { width: 0, height: 0 };
  /** Whether a first view was found: there was a picture and a window. */
  placed = false;
  private readonly motion = new Motion();
  /** Where a motion under way will end. */
  private target: Viewport | undefined;

  constructor(private readonly changed: () => void) {}

  get least(): number {
    return viewport.leastZoom(this.picture, this.window);
  }

  /** The view now, or the one that a motion leads to. */
  get ahead(): Viewport {
    return this.target ?? this.view;
  }

  placeFirst(focus: number): void {
    if (!this.window.width || !this.picture.width) return;
    this.motion.stop();
    this.target = undefined;
    this.view = viewport.firstView(this.picture, this.window, focus);
    this.placed = true;
    this.changed();
  }

  /** Another picture, in which what was at `before` is at `after`: it keeps its place in the window. */
  follow(picture: Size, before: [number, number], after: [number, number]): void {
    this.arrive();
    this.picture = picture;
    const { x, y, zoom } = this.view;
    this.move({ x: x + after[0] - before[0], y: y + after[1] - before[1], zoom });
  }

  move(view: Viewport): void {
    this.arrive();
    this.view = viewport.clampView(view, this.picture, this.window);
    this.changed();
  }

  glide(to: Viewport): void {
    this.arrive();
    if (!this.window.width) return this.move(to);
    const from = this.view;
    this.target = to;
    this.motion.start(DURATION.travel, t => {
      if (t >= 1) this.target = undefined;
      this.view = t >= 1 ? to : between(from, to, t);
      this.changed();
    });
  }

  zoom(factor: number, x: number, y: number): void {
    this.move(viewport.zoomAbout(this.ahead, factor, x, y, this.least));
  }

  fit(): void {
    this.glide(viewport.fit(this.picture, this.window));
  }

  /** So that `rect` fills the window, never larger than life. */
  fitTo(rect: Rect): void {
    const size = { width: rect.right - rect.left, height: rect.bottom - rect.top };
    const { x, y, zoom } = viewport.fit(size, this.window);
    this.glide({ x: x + rect.left, y: y + rect.top, zoom });
  }

  reveal(rect: Rect): void {
    this.glideIfFar(viewport.reveal(this.ahead, this.window, rect));
  }

  /** As much of `rect` as there is room for. */
  bringIn(rect: Rect): void {
    this.glideIfFar(viewport.bringIn(this.ahead, this.window, rect));
  }

  /** All of a picture that has room at this zoom, if a part of it is out of sight. */
  bringBack(): void {
    const { ahead, picture, window } = this;
    const whole = viewport.wholeAt(ahead.zoom, picture, window);
    if (whole && viewport.reachesOut(ahead, picture, window)) this.glide(whole);
  }

  private glideIfFar(to: Viewport): void {
    const { x, y, zoom } = this.ahead;
    if (to.zoom !== zoom || Math.hypot(to.x - x, to.y - y) * to.zoom > 0.5) this.glide(to);
  }

  /** Puts a point of the picture into the middle of the window. */
  centre(x: number, y: number): void {
    const { zoom } = this.ahead;
    this.move({ x: x - this.window.width / zoom / 2, y: y - this.window.height / zoom / 2, zoom });
  }

  /**
   * `lowered`: by how much its upper edge went down the page, on which the picture keeps its place; what begins in
   * sight goes down with it, and still does.
   */
  resize(window: Size, focus: number, keep: Rect | undefined, lowered = 0): void {
    const before = this.window;
    // Told again of what it knows: a motion under way goes on.
    if (this.placed && window.width === before.width && window.height === before.height) return;
    this.window = window;
    this.arrive();
    if (!window.width || !window.height) return;
    if (!this.placed) return this.placeFirst(focus);
    if (!before.width) return this.changed();
    // What fitted still fits: the middle keeps its place.
    const { x, y, zoom } = this.view;
    let view = { x: x + (before.width - window.width) / 2 / zoom, y: y > 0 ? y + lowered / zoom : y, zoom };
    if (keep) view = viewport.reveal(view, window, keep);
    this.move(view);
  }

  dispose(): void {
    this.motion.stop();
  }

  private arrive(): void {
    this.motion.stop();
    if (this.target) this.view = this.target;
    this.target = undefined;
  }
}

function between(from: Viewport, to: Viewport, t: number): Viewport {
  const zoom = from.zoom * (to.zoom / from.zoom) ** t;
  // Zoom goes by factors, so the place goes with its inverse: then a point on the way stays where it is on the page.
  const share = from.zoom === to.zoom ? t : (1 / from.zoom - 1 / zoom) / (1 / from.zoom - 1 / to.zoom);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share, zoom };
}
