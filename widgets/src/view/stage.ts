/**
 * The drawing: shows a picture through a camera, says what was clicked and what is under the pointer. It holds pixels
 * only while it is on the screen.
 */
import { CanvasPainter } from '../draw/canvas.js';
import { NONE, type Emphasis } from '../draw/emphasis.js';
import type { Marks } from '../draw/job.js';
import { Morph, MOST_MOVED } from '../draw/morph.js';
import type { Look } from '../draw/painter.js';
import { readPalette, type Palette } from '../draw/palette.js';
import type { Picture } from '../draw/picture.js';
import type { Tints } from '../draw/tint.js';
import type { Rect } from '../draw/viewport.js';
import type { Measure } from '../draw/content.js';
import type { Anchor } from './anchor.js';
import { Camera } from './camera.js';
import { Chevrons } from './chevron.js';
import { el } from './dom.js';
import { Gestures } from './gestures.js';
import { measuring } from './measure.js';
import { Minimap } from './minimap.js';
import { DURATION, Motion } from './motion.js';
import { watch } from './sight.js';

export interface StageEvents {
  /** A click; -1 beside all boxes. */
  clicked(box: number, twice: boolean): void;
  /** A click on the chevron of a group. */
  folded(box: number): void;
  hovered(box: number): void;
  zoomed(zoom: number): void;
}

export type Fitted = 'all' | 'selection';

export class Stage {
  readonly element = el('div', { class: 'ts-stage' });
  readonly marks: Marks = { saved: true, hooks: true };
  readonly measure: Measure = measuring(() => this.palette);
  readonly camera = new Camera(() => this.invalidate());
  private readonly minimap = new Minimap(this.camera);
  private readonly painter = new CanvasPainter();
  private readonly motion = new Motion();
  private readonly gestures: Gestures;
  private readonly chevrons = new Chevrons();
  private readonly unwatch: () => void;
  private canvas: HTMLCanvasElement | undefined;
  private colours: Palette | undefined;
  private picture: Picture | undefined;
  /** The picture on its way to `picture`. */
  private between: Picture | undefined;
  private emphasis: Emphasis = NONE;
  private tints: Tints | undefined;
  private frame = 0;
  private near = true;
  private focus = 0;

  constructor(private readonly events: StageEvents) {
    this.element.append(this.minimap.element);
    this.gestures = new Gestures(this.element, this.camera, {
      clicked: (x, y, twice) => this.click(x, y, twice),
      hovered: at => this.hover(at ? this.boxAt(at.x, at.y) : -1),
    });
    this.unwatch = watch(this.element, {
      resized: (width, height) => this.camera.resize({ width, height }, this.focus, this.selectedRect),
      sighted: near => {
        this.near = near;
        if (near) this.invalidate();
        else this.release();
      },
    });
  }

  get palette(): Palette {
    return (this.colours ??= readPalette(this.element));
  }

  /** What is shown now, for an export. */
  get look(): Look {
    const { view, window } = this.camera;
    return { view, window, marks: this.marks, emphasis: this.emphasis, tints: this.tints };
  }

  /** Shows `picture`; `focus` is where the eye begins if there is no `anchor`. */
  show(picture: Picture, focus: number, anchor?: Anchor): void {
    const before = this.picture;
    this.motion.stop();
    this.between = undefined;
    this.picture = picture;
    this.focus = focus;
    this.emphasis = NONE;
    if (!anchor || !before || !this.camera.placed) {
      // The display may have just grown, for a picture that needs more.
      if (this.camera.placed) this.remeasure(undefined);
      this.camera.picture = picture.size;
      this.camera.placeFirst(focus);
      return this.invalidate();
    }
    // The display may have just grown, for what was opened.
    this.remeasure(undefined);
    this.camera.follow(picture.size, anchor.before, anchor.after);
    if (anchor.opened) this.camera.bringIn(anchor.opened);
    // Closing leaves less: what has room again may not stay where the rest of it was scrolled away.
    else this.camera.bringBack();
    const most = Math.max(before.scene.boxes.length, picture.scene.boxes.length);
    if (most <= MOST_MOVED) {
      const [dx, dy] = [anchor.after[0] - anchor.before[0], anchor.after[1] - anchor.before[1]];
      const morph = new Morph(before, picture, dx, dy);
      this.motion.start(DURATION.relayout, t => {
        this.between = t < 1 ? morph.at(t) : undefined;
        this.invalidate();
      });
    }
    this.invalidate();
  }

  /** What stands out; what is left out stays as it is. */
  emphasise(change: Partial<Emphasis>): void {
    this.emphasis = { ...this.emphasis, ...change };
    this.invalidate();
  }

  /**
   * The page around has just changed: where the picture then stands may not depend on when an observer tells.
   * `lowered`: by how much this begins farther down.
   */
  resized(lowered = 0): void {
    this.remeasure(this.selectedRect, lowered);
  }

  recolour(tints: Tints | undefined): void {
    this.tints = tints;
    this.invalidate();
  }

  /** Key of the outermost box nearest to the middle of the window. */
  get middle(): string | undefined {
    const { view, window } = this.camera;
    const [x, y] = [view.x + window.width / view.zoom / 2, view.y + window.height / view.zoom / 2];
    const boxes = this.picture?.scene.boxes ?? [];
    let [nearest, least] = [-1, Infinity];
    boxes.forEach(({ parent }, box) => {
      if (parent >= 0) return;
      const { left, right, top, bottom } = this.picture!.rect(box);
      const away = Math.max(left - x, x - right, 0) + Math.max(top - y, y - bottom, 0);
      if (away < least) [nearest, least] = [box, away];
    });
    return boxes[nearest]?.key;
  }

  /** Brings a box into the window, by the least movement. */
  reveal(box: number): void {
    if (this.picture && box >= 0) this.camera.reveal(this.picture.heading(box));
  }

  /** All of the picture; when all of it is there already, what is selected. Returns which. */
  fit(): Fitted {
    const { selected } = this.emphasis;
    const rect = selected >= 0 ? this.picture?.rect(selected) : undefined;
    const { view, picture, window } = this.camera;
    const whole =
      Math.abs(view.x + window.width / view.zoom / 2 - picture.width / 2) * view.zoom < 1 &&
      view.x * view.zoom <= 0 &&
      view.y * view.zoom <= 0;
    const what = rect && whole ? 'selection' : 'all';
    if (rect && what === 'selection') this.camera.fitTo(rect);
    else this.camera.fit();
    return what;
  }

  /** About the selection, if it is in sight. */
  zoomBy(factor: number): void {
    const { view, window } = this.camera;
    const rect = this.selectedRect;
    const x = rect ? ((rect.left + rect.right) / 2 - view.x) * view.zoom : window.width / 2;
    const y = rect ? ((rect.top + rect.bottom) / 2 - view.y) * view.zoom : window.height / 2;
    const inside = x >= 0 && y >= 0 && x <= window.width && y <= window.height;
    this.camera.zoom(factor, inside ? x : window.width / 2, inside ? y : window.height / 2);
  }

  themeChanged(): void {
    this.colours = undefined;
    this.invalidate();
  }

  invalidate(): void {
    if (!this.frame && this.near) this.frame = requestAnimationFrame(() => this.paint());
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.motion.stop();
    this.camera.dispose();
    this.gestures.dispose();
    this.unwatch();
    this.release();
    this.element.remove();
  }

  /** What is to stay in sight of the selection: of a frame its title, as the rest may be larger than the window. */
  private get selectedRect(): Rect | undefined {
    const { selected } = this.emphasis;
    return selected >= 0 ? this.picture?.heading(selected) : undefined;
  }

  private remeasure(keep: Rect | undefined, lowered = 0): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width && height) this.camera.resize({ width, height }, this.focus, keep, lowered);
  }

  private paint(): void {
    this.frame = 0;
    const picture = this.between ?? this.picture;
    const { window } = this.camera;
    if (!picture || !window.width) return;
    if (!this.canvas) {
      this.canvas = el('canvas', { 'aria-hidden': 'true' });
      this.element.prepend(this.canvas);
    }
    const context = this.canvas.getContext('2d');
    if (!context) return;
    const ratio = globalThis.devicePixelRatio || 1;
    const [width, height] = [Math.round(window.width * ratio), Math.round(window.height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.painter.paint(context, ratio, this.palette, picture, this.look);
    this.events.zoomed(this.camera.view.zoom);
    if (!this.between) this.minimap.update(picture, this.palette, this.tints);
  }

  /** Gives all pixels back. */
  private release(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.canvas?.remove();
    this.canvas = undefined;
    this.painter.release();
    this.minimap.release();
  }

  private click(x: number, y: number, twice: boolean): void {
    const { picture, camera, events } = this;
    if (!picture) return;
    const box = this.boxAt(x, y);
    const meant = this.chevrons.press({ x, y }, picture, box, camera.view, camera.window.width);
    if (meant === 'chevron') events.folded(box);
    else if (meant) events.clicked(box, twice);
  }

  private boxAt(x: number, y: number): number {
    const { view } = this.camera;
    return this.picture ? this.picture.at(x / view.zoom + view.x, y / view.zoom + view.y) : -1;
  }

  private hover(box: number): void {
    if (box === this.emphasis.hovered) return;
    this.element.classList.toggle('ts-pointing', box >= 0);
    this.emphasise({ hovered: box, partners: new Set() });
    this.events.hovered(box);
  }
}
