// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MARGIN, ZOOM, type Rect } from '../../../widgets/src/draw/viewport.js';
import { Camera } from '../../../widgets/src/view/camera.js';
import { random } from '../../bench/graphs/random.js';

const WINDOW = { width: 600, height: 400 };
const PICTURE = { width: 3000, height: 2000 };

let calm = true;
let frames: ((now: number) => void)[] = [];

/** The next frame of a motion, so many milliseconds later. */
function pass(milliseconds: number): void {
  vi.advanceTimersByTime(milliseconds);
  for (const frame of frames.splice(0)) frame(performance.now());
}

beforeEach(() => {
  calm = true;
  frames = [];
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  vi.stubGlobal('matchMedia', () => ({ matches: calm }));
  vi.stubGlobal('requestAnimationFrame', (act: (now: number) => void) => frames.push(act));
  vi.stubGlobal('cancelAnimationFrame', (id: number) => frames.splice(id - 1, 1));
});

function camera(view = { x: 500, y: 300, zoom: 1 }): Camera {
  const made = new Camera(() => undefined);
  made.picture = PICTURE;
  made.resize(WINDOW, 0, undefined);
  made.move(view);
  return made;
}

/** The point of the picture that is at a place of the window. */
const at = ({ view }: Camera, x: number, y: number): [number, number] => [
  view.x + x / view.zoom,
  view.y + y / view.zoom,
];

const expectAt = (seen: Camera, x: number, y: number, point: [number, number]): void => {
  const [px, py] = at(seen, x, y);
  expect(px).toBeCloseTo(point[0], 6);
  expect(py).toBeCloseTo(point[1], 6);
};

/** What of a rectangle is in the window, 0 to 1. */
function share({ view, window }: Camera, { left, right, top, bottom }: Rect): number {
  const across = Math.min(right, view.x + window.width / view.zoom) - Math.max(left, view.x);
  const down = Math.min(bottom, view.y + window.height / view.zoom) - Math.max(top, view.y);
  return (Math.max(0, across) * Math.max(0, down)) / ((right - left) * (bottom - top));
}

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

describe('zooming', () => {
  it.each(SEEDS)('keeps the point under the pointer there, %d', seed => {
    const next = random(seed);
    const seen = camera();
    for (let i = 0; i < 20; i++) {
      const [x, y] = [next(WINDOW.width), next(WINDOW.height)];
      const point = at(seen, x, y);
      const inside = point[0] > 60 && point[0] < 2900 && point[1] > 60 && point[1] < 1900;
      seen.zoom(0.5 + next(150) / 100, x, y);
      if (inside && seen.view.zoom > 0.3) expectAt(seen, x, y, point);
    }
  });

  it('ends at four times life, and where all of the picture is in sight', () => {
    const seen = camera();
    seen.zoom(1e9, 0, 0);
    expect(seen.view.zoom).toBe(ZOOM.most);
    seen.zoom(1e-9, 0, 0);
    expect(seen.view.zoom).toBe(seen.least);
    expect(seen.least * PICTURE.width).toBeLessThanOrEqual(WINDOW.width);
    seen.picture = { width: 400_000, height: 1000 };
    expect(seen.least * 400_000).toBeLessThanOrEqual(WINDOW.width);
  });
});

describe('moving', () => {
  it.each(SEEDS)('never loses the picture, %d', seed => {
    const next = random(seed);
    const seen = camera();
    for (let i = 0; i < 30; i++) {
      seen.move({ x: next(2e6) - 1e6, y: next(2e6) - 1e6, zoom: 0.05 + next(390) / 100 });
      expect(share(seen, { left: 0, top: 0, right: PICTURE.width, bottom: PICTURE.height })).toBeGreaterThan(
        0,
      );
    }
  });

  it('puts a point into the middle, and fits all of the picture', () => {
    const seen = camera();
    seen.centre(1200, 900);
    expectAt(seen, 300, 200, [1200, 900]);
    seen.fit();
    expect(share(seen, { left: 0, top: 0, right: PICTURE.width, bottom: PICTURE.height })).toBe(1);
    expect(seen.view.zoom).toBeCloseTo((WINDOW.width - 2 * MARGIN) / PICTURE.width);
    seen.fitTo({ left: 100, right: 200, top: 100, bottom: 150 });
    expect(seen.view.zoom).toBe(1);
    expectAt(seen, 300, 200, [150, 125]);
  });

  it('reveals by the least movement', () => {
    const seen = camera();
    seen.reveal({ left: 600, right: 700, top: 400, bottom: 430 });
    expect(seen.view).toEqual({ x: 500, y: 300, zoom: 1 });
    seen.reveal({ left: 600, right: 700, top: 900, bottom: 930 });
    expect(seen.view).toEqual({ x: 500, y: 540, zoom: 1 });
  });
});

describe('another picture', () => {
  it('leaves the anchor where it is', () => {
    const seen = camera({ x: 500, y: 300, zoom: 0.8 });
    seen.follow({ width: 5000, height: 4000 }, [700, 400], [1900, 1300]);
    expectAt(seen, (700 - 500) * 0.8, (400 - 300) * 0.8, [1900, 1300]);
    expect(seen.view.zoom).toBe(0.8);
  });

  it('and what was opened in it comes into sight whole, if there is room', () => {
    const seen = camera();
    const rect = { left: 700, right: 1250, top: 600, bottom: 900 };
    seen.bringIn(rect);
    expect(share(seen, rect)).toBe(1);
    expect(seen.view).toEqual({ x: 660, y: 510, zoom: 1 });
    seen.bringIn(rect);
    expect(seen.view).toEqual({ x: 660, y: 510, zoom: 1 });
  });

  it('from further away only where it has to, and never from so far that names cannot be read', () => {
    const seen = camera({ x: 500, y: 300, zoom: 1.5 });
    seen.bringIn({ left: 600, right: 1180, top: 350, bottom: 500 });
    expect(seen.view.zoom).toBe(1);
    seen.bringIn({ left: 600, right: 2600, top: 350, bottom: 500 });
    expect(seen.view.zoom).toBe(ZOOM.names);
    seen.move({ x: 500, y: 300, zoom: 0.3 });
    seen.bringIn({ left: 600, right: 2950, top: 350, bottom: 1900 });
    expect(seen.view.zoom).toBe(0.3);
  });

  it.each(SEEDS)(
    'shows no less of what was opened than before, and fills the window where it is larger, %d',
    seed => {
      const next = random(seed);
      const seen = camera({ x: next(2000), y: next(1500), zoom: 0.5 + next(100) / 100 });
      const [left, top] = [seen.view.x + next(300), seen.view.y + next(200)];
      const rect = { left, top, right: left + 100 + next(2000), bottom: top + 50 + next(1500) };
      const before = share(seen, rect);
      seen.bringIn(rect);
      expect(share(seen, rect)).toBeGreaterThanOrEqual(before - 1e-9);
      const { view } = seen;
      const [width, height] = [WINDOW.width / view.zoom, WINDOW.height / view.zoom];
      const pad = 10 / view.zoom + 1e-6;
      const sides: [number, number, number, number][] = [
        [view.x, width, rect.left, rect.right],
        [view.y, height, rect.top, rect.bottom],
      ];
      for (const [from, size, low, high] of sides) {
        if (high - low + 2 * pad <= size) {
          expect(from).toBeLessThanOrEqual(low);
          expect(from + size).toBeGreaterThanOrEqual(high);
        } else {
          expect(from).toBeGreaterThanOrEqual(low - pad);
          expect(from + size).toBeLessThanOrEqual(high + pad);
        }
      }
      // The upper edge, which was in sight, still is.
      expect(rect.top).toBeGreaterThanOrEqual(view.y);
      expect(rect.top).toBeLessThanOrEqual(view.y + height);
    },
  );
});

describe('a picture that has room', () => {
  const small = (view: { x: number; y: number; zoom: number }): Camera => {
    const seen = camera();
    seen.picture = { width: 400, height: 300 };
    seen.move(view);
    seen.bringBack();
    return seen;
  };

  it('is brought back whole when a part of it is out of sight', () => {
    expect(small({ x: -100, y: 120, zoom: 1 }).view).toEqual({ x: -100, y: -50, zoom: 1 });
    expect(small({ x: 0, y: 0, zoom: 0.8 }).view).toEqual({ x: 0, y: 0, zoom: 0.8 });
    expect(small({ x: -700, y: 0, zoom: 0.8 }).view).toEqual({ x: -175, y: -100, zoom: 0.8 });
  });

  it('stays where it is when all of it is in sight, or it has no room at this zoom', () => {
    expect(small({ x: -150, y: -80, zoom: 1 }).view).toEqual({ x: -150, y: -80, zoom: 1 });
    expect(small({ x: 100, y: 50, zoom: 2 }).view).toEqual({ x: 100, y: 50, zoom: 2 });
  });
});

describe('another window', () => {
  it('keeps what is in the middle, and what is to be kept in sight', () => {
    const seen = camera();
    seen.resize({ width: 300, height: 400 }, 0, undefined);
    expectAt(seen, 150, 200, [800, 500]);
    const kept = { left: 520, right: 600, top: 400, bottom: 430 };
    seen.resize({ width: 200, height: 400 }, 0, kept);
    expect(share(seen, kept)).toBe(1);
  });

  it('that begins lower leaves the picture where it is on the page', () => {
    const seen = camera();
    const point = at(seen, 100, 60);
    seen.resize({ width: 600, height: 375 }, 0, undefined, 25);
    expectAt(seen, 100, 35, point);
    // Unless what is to be kept in sight is above.
    const kept = { left: 520, right: 600, top: 330, bottom: 345 };
    expect(share(seen, kept)).toBe(1);
    seen.resize({ width: 600, height: 350 }, 0, kept, 25);
    expect(share(seen, kept)).toBe(1);
    seen.resize({ width: 600, height: 375 }, 0, undefined, -25);
    expect(seen.view.y).toBeCloseTo(295);
  });

  it('that begins lower takes a picture with it whose top is in sight, and back', () => {
    const seen = camera();
    seen.move({ ...seen.view, y: -MARGIN });
    const before = { ...seen.view };
    seen.resize({ width: 600, height: 375 }, 0, undefined, 25);
    expect(seen.view).toEqual(before);
    seen.resize({ width: 600, height: 400 }, 0, undefined, -25);
    expect(seen.view).toEqual(before);
  });

  it('of no size changes nothing, and the first one gives a first view', () => {
    const made = new Camera(() => undefined);
    made.picture = PICTURE;
    made.resize({ width: 0, height: 0 }, 0, undefined);
    expect(made.placed).toBe(false);
    made.resize(WINDOW, 1500, undefined);
    expect(made.placed).toBe(true);
    expectAt(made, 300, MARGIN, [1500, 0]);
    const { view } = made;
    made.resize({ width: 0, height: 0 }, 0, undefined);
    made.resize(WINDOW, 0, undefined);
    expect(made.view).toEqual(view);
  });
});

describe('a way through the picture', () => {
  it('ends where it leads, and on it a point goes straight', () => {
    calm = false;
    const seen = camera();
    const rect = { left: 2000, right: 2100, top: 1500, bottom: 1530 };
    seen.reveal(rect);
    expect(seen.view.x).toBe(500);
    expect(seen.ahead.x).toBe(1510);
    pass(100);
    const { x, y } = seen.view;
    expect(x).toBeGreaterThan(500);
    expect(x).toBeLessThan(1510);
    expect((y - 300) / (x - 500)).toBeCloseTo((seen.ahead.y - 300) / 1010);
    pass(500);
    expect(seen.view).toEqual(seen.ahead);
    expect(share(seen, rect)).toBe(1);
  });

  it('goes on when the window is told again, and is over when hands take it', () => {
    calm = false;
    const seen = camera();
    seen.reveal({ left: 2000, right: 2100, top: 500, bottom: 530 });
    pass(50);
    seen.resize({ ...WINDOW }, 0, undefined);
    expect(seen.view.x).toBeLessThan(1510);
    seen.zoom(1.1, 0, 0);
    expect(seen.view.x).toBeCloseTo(1510);
    const { view } = seen;
    pass(500);
    expect(seen.view).toEqual(view);
  });
});
