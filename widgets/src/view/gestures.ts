/**
 * What hands do with the drawing: a drag moves it, two fingers or Ctrl and the wheel zoom it, a click points at a box.
 * The plain wheel and one finger up or down scroll the notebook.
 */
import type { Camera } from './camera.js';

export interface Pointed {
  /** Window coordinates. */
  clicked(x: number, y: number, twice: boolean): void;
  /** undefined: the pointer is gone. */
  hovered(at: { x: number; y: number } | undefined): void;
}

const DRAG_FROM = 4;

/** Milliseconds after which the page may have been scrolled: without an event, and at most. */
const STILL = 100;
const STALE = 500;

interface Finger {
  x: number;
  y: number;
}

export class Gestures {
  private readonly fingers = new Map<number, Finger>();
  private moved = false;
  private corner = { left: 0, top: 0 };
  private asked = -Infinity;
  private taken = -Infinity;
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly element: HTMLElement,
    private readonly camera: Camera,
    private readonly pointed: Pointed,
  ) {
    this.on('pointerdown', event => this.down(event));
    this.on('pointermove', event => this.move(event));
    this.on('pointerup', event => this.up(event));
    this.on('pointercancel', event => this.up(event));
    this.on('pointerleave', () => this.pointed.hovered(undefined));
    this.on('dblclick', event => {
      const { x, y } = this.place(event);
      this.pointed.clicked(x, y, true);
    });
    this.on('wheel', event => this.wheel(event), { passive: false });
  }

  dispose(): void {
    for (const end of this.ends) end();
  }

  private on<Name extends keyof HTMLElementEventMap>(
    name: Name,
    act: (event: HTMLElementEventMap[Name]) => void,
    options?: AddEventListenerOptions,
  ): void {
    this.element.addEventListener(name, act, options);
    this.ends.push(() => this.element.removeEventListener(name, act, options));
  }

  /** Where the element is, asked for once a gesture: asking makes the page lay itself out. */
  private place(event: MouseEvent): Finger {
    const now = performance.now();
    if (now - this.asked > STILL || now - this.taken > STALE) {
      this.corner = this.element.getBoundingClientRect();
      this.taken = now;
    }
    this.asked = now;
    return { x: event.clientX - this.corner.left, y: event.clientY - this.corner.top };
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    if (this.fingers.size === 0) this.moved = false;
    this.fingers.set(event.pointerId, this.place(event));
  }

  private move(event: PointerEvent): void {
    const at = this.place(event);
    const before = this.fingers.get(event.pointerId);
    if (!before) return this.pointed.hovered(at);
    const [dx, dy] = [at.x - before.x, at.y - before.y];
    if (!this.moved && Math.hypot(dx, dy) < DRAG_FROM) return;
    if (!this.moved) this.element.setPointerCapture?.(event.pointerId);
    this.moved = true;
    this.element.classList.add('ts-dragging');
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    const { camera } = this;
    const { x, y, zoom } = camera.view;
    if (other) {
      const factor =
        Math.hypot(at.x - other.x, at.y - other.y) /
        Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      camera.move({ x: x - dx / 2 / zoom, y: y - dy / 2 / zoom, zoom });
      camera.zoom(factor, (at.x + other.x) / 2, (at.y + other.y) / 2);
    } else camera.move({ x: x - dx / zoom, y: y - dy / zoom, zoom });
    this.fingers.set(event.pointerId, at);
  }

  private up(event: PointerEvent): void {
    if (!this.fingers.delete(event.pointerId) || this.fingers.size) return;
    this.element.classList.remove('ts-dragging');
    if (this.moved || event.type !== 'pointerup') return;
    const { x, y } = this.place(event);
    this.pointed.clicked(x, y, false);
  }

  private wheel(event: WheelEvent): void {
    const { camera } = this;
    const { x, y } = this.place(event);
    const unit = event.deltaMode === 1 ? 16 : 1;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      // A trackpad's pinch comes in small steps, a wheel's notch in one large one.
      const delta = Math.max(-120, Math.min(120, event.deltaY * unit));
      camera.zoom(Math.exp(-delta * (Math.abs(delta) < 40 ? 0.01 : 0.0022)), x, y);
      return;
    }
    const sideways = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
    const wider = camera.picture.width * camera.view.zoom > camera.window.width;
    if (!wider || Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
    event.preventDefault();
    const { view } = camera;
    camera.move({ ...view, x: view.x + (sideways * unit) / view.zoom });
  }
}
