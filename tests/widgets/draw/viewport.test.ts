import { describe, expect, it } from 'vitest';
import {
  clampView,
  detailOf,
  firstView,
  fit,
  reveal,
  zoomAbout,
} from '../../../widgets/src/draw/viewport.js';

const WINDOW = { width: 600, height: 400 };

describe('the viewport', () => {
  it('shows a small picture in the middle, no larger than life', () => {
    expect(fit({ width: 100, height: 100 }, WINDOW)).toEqual({
      x: -250,
      y: -150,
      zoom: 1,
    });
  });

  it('fits a large one whole', () => {
    const view = fit({ width: 2000, height: 500 }, WINDOW);
    expect(view.zoom).toBeCloseTo(572 / 2000);
  });

  it('begins with names that can be read, at the top, with the output in the middle', () => {
    const view = firstView({ width: 3000, height: 9000 }, WINDOW, 1500);
    expect(view.zoom).toBeGreaterThanOrEqual(0.7);
    expect(view.y).toBe(-14);
    expect(view.x + WINDOW.width / 2).toBe(1500);
  });

  it('zooms about a point of the window, which stays', () => {
    const view = zoomAbout({ x: 10, y: 20, zoom: 1 }, 2, 100, 50);
    expect([view.x + 100 / view.zoom, view.y + 50 / view.zoom]).toEqual([110, 70]);
    expect(zoomAbout(view, 1e9, 0, 0).zoom).toBe(4);
  });

  it('moves no more than it takes to bring a box in sight', () => {
    const view = { x: 0, y: 0, zoom: 1 };
    expect(reveal(view, WINDOW, { left: 50, right: 150, top: 50, bottom: 80 })).toEqual(view);
    expect(reveal(view, WINDOW, { left: 50, right: 150, top: 500, bottom: 530 }).y).toBe(140);
  });

  it('never loses the picture', () => {
    const view = clampView({ x: 1e6, y: -1e6, zoom: 1 }, { width: 100, height: 100 }, WINDOW);
    expect(view.x).toBe(52);
    expect(view.y).toBe(48 - 400);
  });

  it('has four levels of detail', () => {
    expect([1, 0.7, 0.69, 0.44, 0.19].map(detailOf)).toEqual(['full', 'full', 'short', 'colour', 'density']);
  });
});
