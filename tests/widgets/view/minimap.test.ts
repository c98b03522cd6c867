// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Picture } from '../../../widgets/src/draw/picture.js';
import type { Rect } from '../../../widgets/src/draw/viewport.js';
import { Camera } from '../../../widgets/src/view/camera.js';
import { CORNERS, freeCorner, under, type Corner } from '../../../widgets/src/view/corner.js';
import { Minimap } from '../../../widgets/src/view/minimap.js';
import { random } from '../../bench/graphs/random.js';
import { PALETTE } from '../support/canvas.js';
import { chain, golden, network } from '../support/goldens.js';
import { pictureOf, shown } from '../support/picture.js';

let camera: Camera;
let map: Minimap;
let picture: Picture;

/** Pixels between the map's edge and the page's. */
const PAGE = { left: 30, top: 50 };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
  picture = shown(golden('digits')).picture;
  camera = new Camera(() => undefined);
  camera.picture = picture.size;
  map = new Minimap(camera);
  map.element.getBoundingClientRect = () => new DOMRect(PAGE.left, PAGE.top, 0, 0);
});

afterEach(() => {
  map.release();
  vi.useRealTimers();
});

function look(width: number, height: number, view = { x: 0, y: 0, zoom: 1 }): void {
  camera.resize({ width, height }, 0, undefined);
  camera.move(view);
  map.update(picture, PALETTE, undefined);
}

const rest = (): void => void vi.advanceTimersByTime(500);

/** The frame in it, in its pixels. */
function frame(): { left: number; top: number; width: number; height: number } {
  const { style } = map.element.querySelector<HTMLElement>('.ts-minimap-frame')!;
  const [left, top] = /translate\((.*)px, (.*)px\)/.exec(style.transform)!.slice(1).map(Number);
  return { left: left!, top: top!, width: parseFloat(style.width), height: parseFloat(style.height) };
}

function press(type: string, x: number, y: number): void {
  const event = new MouseEvent(type, { clientX: PAGE.left + x, clientY: PAGE.top + y, bubbles: true });
  map.element.dispatchEvent(Object.assign(event, { pointerId: 1 }));
}

describe('the minimap', () => {
  it('is there while something is out of sight, in a window that has room for it', () => {
    look(700, 400);
    expect(map.element.hidden).toBe(false);
    look(700, 400, { x: -20, y: -20, zoom: 0.1 });
    expect(map.element.hidden).toBe(true);
    look(250, 400);
    expect(map.element.hidden).toBe(true);
    look(700, 140);
    expect(map.element.hidden).toBe(true);
  });

  it.each([1, 2, 3, 4, 5, 6])('leads to where the window is put, and shows it there, %d', seed => {
    const next = random(seed);
    look(400, 200, { x: 100, y: 200, zoom: 1.5 });
    const { width, height } = map.element.style;
    press('pointerdown', 20 + next(parseInt(width) - 40), 20 + next(parseInt(height) - 40));
    map.update(picture, PALETTE, undefined);
    const first = frame();
    const [x, y] = [first.left + first.width / 2, first.top + first.height / 2];
    const { view } = camera;
    // Where the frame is, a press in its middle leads to where it is already.
    press('pointermove', x, y);
    expect(camera.view.x).toBeCloseTo(view.x, 3);
    expect(camera.view.y).toBeCloseTo(view.y, 3);
    expect(camera.view.zoom).toBe(1.5);
    press('pointerup', x, y);
  });

  it('follows a drag, and nothing else', () => {
    look(400, 200);
    const { view } = camera;
    press('pointermove', 30, 60);
    expect(camera.view).toEqual(view);
    press('pointerdown', 30, 60);
    const below = camera.view.y;
    press('pointermove', 30, 75);
    expect(camera.view.y).toBeGreaterThan(below);
    press('pointerup', 30, 75);
    const { view: after } = camera;
    press('pointermove', 30, 20);
    expect(camera.view).toEqual(after);
  });

  it('keeps its frame inside, and large enough to see', () => {
    picture = shown(chain(100)).picture;
    camera.picture = picture.size;
    for (const [x, y] of [[-1e5, -1e5], [1e5, 1e5], [0, 500]] as const) {
      look(700, 400, { x, y, zoom: 4 });
      const { left, top, width, height } = frame();
      const { style } = map.element;
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(left + width).toBeLessThanOrEqual(parseInt(style.width));
      expect(top + height).toBeLessThanOrEqual(parseInt(style.height));
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(6 - 1e-9);
    }
  }); // prettier-ignore
});

/** What of the picture is under the map, or would be in another corner. */
function below(corner = map.element.dataset.corner as Corner): Rect {
  const { width, height } = map.element.style;
  const size = { width: parseInt(width), height: parseInt(height) };
  return under(corner, size, camera.window, camera.view);
}

/** Closed boxes under the map, where it stands. */
function covered(rect = below()): number {
  let count = 0;
  picture.boxes.search(rect, box => (count += picture.scene.boxes[box]!.open ? 0 : 1));
  return count;
}

const firstClosed = ({ scene }: Picture): number => scene.boxes.findIndex(box => !box.open);

describe('in a narrow window', () => {
  it('covers no box, wherever the picture is moved: it goes to another corner, or hides', () => {
    const seen = new Set<string>();
    for (let x = -200; x < picture.size.width; x += 55) {
      for (let y = -200; y < picture.size.height; y += 95) {
        look(420, 330, { x, y, zoom: 1 });
        rest();
        if (map.element.hidden) continue;
        seen.add(map.element.dataset.corner!);
        expect(covered(), `${x}, ${y}`).toBe(0);
      }
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  it('hides where there is a box in each corner, and comes back', () => {
    const search = vi
      .spyOn(picture.boxes, 'search')
      .mockImplementation((_, found) => found(firstClosed(picture)));
    look(420, 330);
    rest();
    expect(map.element.hidden).toBe(true);
    search.mockRestore();
    look(420, 330, { x: picture.size.width - 100, y: picture.size.height - 100, zoom: 1 });
    rest();
    expect(map.element.hidden).toBe(false);
  });

  it('moves only at rest, and not from under the pointer', () => {
    look(420, 330, { x: picture.size.width - 100, y: picture.size.height - 100, zoom: 1 });
    rest();
    const { corner } = map.element.dataset;
    let moved: { x: number; y: number } | undefined;
    for (let y = 0; y < picture.size.height && !moved; y += 40) {
      look(420, 330, { x: 0, y, zoom: 1 });
      expect(map.element.dataset.corner).toBe(corner);
      if (covered() > 0) moved = { x: 0, y };
    }
    press('pointerdown', 30, 30);
    look(420, 330, { ...moved!, zoom: 1 });
    rest();
    expect(map.element.dataset.corner).toBe(corner);
    press('pointerup', 30, 30);
    look(420, 330, { ...moved!, zoom: 1 });
    rest();
    expect(map.element.hidden || map.element.dataset.corner !== corner).toBe(true);
  });
});

describe('in a wide window', () => {
  it('covers the title of a frame only where it would cover something in each corner', () => {
    const titles = (rect: Rect): number => {
      let count = 0;
      picture.boxes.search(rect, box => {
        const { top, bottom } = picture.heading(box);
        if (picture.scene.boxes[box]!.open && top >= camera.view.y && top < rect.bottom && bottom > rect.top)
          count++;
      });
      return count;
    };
    let looked = 0;
    for (let x = -300; x < picture.size.width; x += 85) {
      for (let y = -300; y < picture.size.height; y += 45) {
        look(700, 420, { x, y, zoom: 1 });
        rest();
        if (map.element.hidden) continue;
        looked++;
        if (!titles(below())) continue;
        for (const corner of CORNERS)
          expect(covered(below(corner)) + titles(below(corner)), corner).toBeGreaterThan(0);
      }
    }
    expect(looked).toBeGreaterThan(50);
  });

  it('looks for its corner again when a group was opened or closed below it', () => {
    const { trace, picture: closed } = shown(network(40));
    trace.openAll();
    const open = pictureOf(trace);
    let moved = 0;
    for (let y = -100; y < closed.size.height; y += 30) {
      for (const [before, after] of [[closed, open], [open, closed]] as const) {
        const show = (of: Picture): void => {
          picture = of;
          camera.picture = of.size;
          look(700, 420, { x: 0, y, zoom: 1 });
          rest();
        };
        show(before);
        const { corner } = map.element.dataset;
        show(after);
        if (map.element.hidden || !covered(below(corner as Corner))) continue;
        if (CORNERS.every(each => covered(below(each)))) continue;
        moved++;
        expect(covered(), `${y}`).toBe(0);
      }
    }
    expect(moved).toBeGreaterThan(3);
  }); // prettier-ignore

  it('stays where there is no free corner', () => {
    picture = shown(chain(100)).picture;
    camera.picture = picture.size;
    for (let y = 0; y < picture.size.height; y += 130) {
      look(900, 420, { x: 0, y, zoom: 1 });
      rest();
      expect(map.element.hidden).toBe(false);
    }
  });
});

describe('a free corner', () => {
  const WINDOW = { width: 500, height: 400 };
  const SIZE = { width: 130, height: 90 };
  const VIEW = { x: 10, y: 20, zoom: 2 };

  it('is the one where it was, else the first of all', () => {
    expect(freeCorner(undefined, SIZE, WINDOW, VIEW, () => false)).toBe('bottom right');
    expect(freeCorner('top left', SIZE, WINDOW, VIEW, () => false)).toBe('top left');
    expect(freeCorner('top left', SIZE, WINDOW, VIEW, rect => rect.top < 30)).toBe('bottom right');
    expect(freeCorner('top left', SIZE, WINDOW, VIEW, () => true)).toBeUndefined();
  });

  it('is within the window, the four apart', () => {
    const rects = CORNERS.map(corner => under(corner, SIZE, WINDOW, VIEW));
    for (const { left, right, top, bottom } of rects) {
      expect([right - left, bottom - top]).toEqual([65, 45]);
      expect(Math.min(left - 10, top - 20)).toBeGreaterThan(0);
      expect(right).toBeLessThan(10 + 250);
      expect(bottom).toBeLessThan(20 + 200);
    }
    expect(new Set(rects.map(({ left, top }) => `${left} ${top}`)).size).toBe(4);
  });
});
