// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Camera } from '../../../widgets/src/view/camera.js';
import { Gestures } from '../../../widgets/src/view/gestures.js';

const CORNER = { left: 40, top: 25 };
const WINDOW = { width: 600, height: 400 };

let element: HTMLElement;
let camera: Camera;
let gestures: Gestures;
let clicks: [number, number, boolean][];
let hovers: ({ x: number; y: number } | undefined)[];

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
  element = document.createElement('div');
  element.getBoundingClientRect = () => new DOMRect(CORNER.left, CORNER.top, WINDOW.width, WINDOW.height);
  camera = new Camera(() => undefined);
  camera.picture = { width: 3000, height: 2000 };
  camera.resize(WINDOW, 0, undefined);
  camera.move({ x: 500, y: 300, zoom: 1 });
  clicks = [];
  hovers = [];
  gestures = new Gestures(element, camera, {
    clicked: (...click) => clicks.push(click),
    hovered: place => hovers.push(place),
  });
});

/** At a place of the window, not of the page. */
function pointer(type: string, x: number, y: number, pointerId = 1, button = 0): void {
  const event = new MouseEvent(type, { clientX: x + CORNER.left, clientY: y + CORNER.top, button, bubbles: true });
  element.dispatchEvent(Object.assign(event, { pointerId }));
} // prettier-ignore

function wheel(x: number, y: number, init: WheelEventInit): WheelEvent {
  const event = new WheelEvent('wheel', {
    clientX: x + CORNER.left,
    clientY: y + CORNER.top,
    cancelable: true,
    ...init,
  });
  element.dispatchEvent(event);
  return event;
}

const pointAt = (x: number, y: number): [number, number] => [
  camera.view.x + x / camera.view.zoom,
  camera.view.y + y / camera.view.zoom,
];

const expectAt = (x: number, y: number, point: [number, number]): void => {
  expect(pointAt(x, y)[0]).toBeCloseTo(point[0]);
  expect(pointAt(x, y)[1]).toBeCloseTo(point[1]);
};

describe('a drag', () => {
  it.each([0.5, 1, 2])('keeps the point under the pointer, at zoom %d, and clicks nothing', zoom => {
    camera.move({ x: 500, y: 300, zoom });
    const point = pointAt(200, 100);
    pointer('pointerdown', 200, 100);
    for (let i = 1; i <= 5; i++) pointer('pointermove', 200 + 12 * i, 100 - 7 * i);
    expectAt(260, 65, point);
    expect(element.classList.contains('ts-dragging')).toBe(true);
    pointer('pointerup', 260, 65);
    expect(element.classList.contains('ts-dragging')).toBe(false);
    expect(camera.view.zoom).toBe(zoom);
    expect(clicks).toEqual([]);
  });

  it('begins after a few pixels: a hand that trembles clicks', () => {
    pointer('pointerdown', 200, 100);
    pointer('pointermove', 202, 101);
    expect(camera.view).toEqual({ x: 500, y: 300, zoom: 1 });
    pointer('pointerup', 202, 101);
    expect(clicks).toEqual([[202, 101, false]]);
  });

  it('is for the first button only, and a lost pointer clicks nothing', () => {
    pointer('pointerdown', 200, 100, 1, 2);
    pointer('pointermove', 300, 100);
    expect(camera.view.x).toBe(500);
    pointer('pointerdown', 200, 100);
    pointer('pointercancel', 200, 100);
    expect(clicks).toEqual([]);
  });
});

describe('two fingers', () => {
  it('zoom by how far they part, about what is between them', () => {
    const point = pointAt(300, 200);
    pointer('pointerdown', 260, 200, 1);
    pointer('pointerdown', 340, 200, 2);
    for (let i = 1; i <= 8; i++) {
      pointer('pointermove', 260 - 10 * i, 200, 1);
      pointer('pointermove', 340 + 10 * i, 200, 2);
    }
    expect(camera.view.zoom).toBeCloseTo(3);
    expectAt(300, 200, point);
    pointer('pointerup', 180, 200, 1);
    pointer('pointerup', 420, 200, 2);
    expect(clicks).toEqual([]);
  });

  it('move it when they go the same way', () => {
    const point = pointAt(300, 200);
    pointer('pointerdown', 260, 200, 1);
    pointer('pointerdown', 340, 200, 2);
    for (let i = 1; i <= 10; i++) {
      pointer('pointermove', 260, 200 + 5 * i, 1);
      pointer('pointermove', 340, 200 + 5 * i, 2);
    }
    expect(camera.view.zoom).toBeCloseTo(1, 1);
    expect(Math.abs(pointAt(300, 250)[1] - point[1])).toBeLessThan(5);
  });
});

describe('the wheel', () => {
  it('with Ctrl or ⌘ zooms about the pointer, and the page stays', () => {
    for (const key of ['ctrlKey', 'metaKey'] as const) {
      const [point, { zoom }] = [pointAt(150, 320), camera.view];
      expect(wheel(150, 320, { deltaY: -100, [key]: true }).defaultPrevented).toBe(true);
      expect(camera.view.zoom).toBeGreaterThan(zoom);
      expectAt(150, 320, point);
    }
  });

  it('back and forth comes to where it was; a wild one does not leap', () => {
    wheel(100, 100, { deltaY: -20, ctrlKey: true });
    wheel(100, 100, { deltaY: 20, ctrlKey: true });
    expect(camera.view.zoom).toBeCloseTo(1);
    expect(camera.view.x).toBeCloseTo(500);
    wheel(100, 100, { deltaY: -50_000, ctrlKey: true });
    expect(camera.view.zoom).toBeLessThan(1.5);
  });

  it('alone is the page’s', () => {
    expect(wheel(100, 100, { deltaY: 80 }).defaultPrevented).toBe(false);
    expect(camera.view).toEqual({ x: 500, y: 300, zoom: 1 });
  });

  it('sideways, or with Shift, moves a picture that is wider than the window', () => {
    expect(wheel(100, 100, { deltaX: 30, deltaY: 4 }).defaultPrevented).toBe(true);
    expect(camera.view.x).toBe(530);
    expect(wheel(100, 100, { deltaY: 30, shiftKey: true }).defaultPrevented).toBe(true);
    expect(camera.view.x).toBe(560);
    // Lines, not pixels.
    wheel(100, 100, { deltaX: 2, deltaMode: 1 });
    expect(camera.view.x).toBe(592);
    camera.fit();
    const { view } = camera;
    expect(wheel(100, 100, { deltaX: 30 }).defaultPrevented).toBe(false);
    expect(camera.view).toEqual(view);
  });
});

describe('a pointer', () => {
  it('says where it is, and that it is gone', () => {
    pointer('pointermove', 10, 20);
    pointer('pointerleave', 0, 0);
    expect(hovers).toEqual([{ x: 10, y: 20 }, undefined]);
  });

  it('clicks once, and twice', () => {
    pointer('pointerdown', 30, 40);
    pointer('pointerup', 30, 40);
    pointer('dblclick', 30, 40);
    expect(clicks).toEqual([
      [30, 40, false],
      [30, 40, true],
    ]);
  });

  it('does nothing any more when the view is gone', () => {
    gestures.dispose();
    pointer('pointerdown', 30, 40);
    pointer('pointermove', 90, 40);
    pointer('pointerup', 90, 40);
    wheel(100, 100, { deltaY: -100, ctrlKey: true });
    expect([clicks, hovers]).toEqual([[], []]);
    expect(camera.view).toEqual({ x: 500, y: 300, zoom: 1 });
  });
});
