import { describe, expect, it } from 'vitest';
import { colourOf, Raster } from '../../../widgets/src/draw/raster.js';

const WHITE = colourOf(255, 255, 255);
const BLACK = colourOf(0, 0, 0);

function blank(width = 20, height = 20): Raster {
  const raster = new Raster(width, height);
  raster.clear(WHITE);
  return raster;
}

const red = (raster: Raster, x: number, y: number): number => raster.at(x, y) & 255;

describe('a bitmap', () => {
  it('fills whole pixels whole, and those covered in part in part', () => {
    const raster = blank();
    raster.rect(2, 2, 5.5, 4, BLACK);
    expect(red(raster, 2, 2)).toBe(0);
    expect(red(raster, 4, 3)).toBe(0);
    expect(red(raster, 5, 2)).toBeGreaterThan(120);
    expect(red(raster, 5, 2)).toBeLessThan(135);
    expect(red(raster, 6, 2)).toBe(255);
    expect(red(raster, 2, 4)).toBe(255);
  });

  it('keeps the amount of ink of a box that moves by less than a pixel', () => {
    const ink = (x: number): number => {
      const raster = blank();
      raster.rect(x, 3.25, x + 6.5, 7.75, BLACK);
      let sum = 0;
      for (let i = 0; i < 400; i++) sum += 255 - (raster.data[4 * i] ?? 0);
      return sum / 255;
    };
    for (const x of [4, 4.25, 4.5, 4.9]) expect(ink(x)).toBeCloseTo(6.5 * 4.5, 0);
  });

  it('draws what reaches over its edges, and nothing of what lies outside', () => {
    const raster = blank();
    raster.rect(-10, -10, 100, 100, BLACK);
    expect(red(raster, 0, 0)).toBe(0);
    expect(red(raster, 19, 19)).toBe(0);
    const other = blank();
    other.rect(30, 30, 40, 40, BLACK);
    other.line(-1e9, -1e9, -1e8, -1e8, BLACK, 1);
    expect([...other.data].every(value => value === 255)).toBe(true);
  });

  it('draws a line through the window though its ends are a million pixels away', () => {
    const raster = blank();
    raster.line(10, -1e6, 10, 1e6, BLACK, 1);
    for (let y = 0; y < 20; y++) expect(red(raster, 10, y)).toBeLessThan(8);
    expect(red(raster, 9, 10)).toBe(255);
  });

  it('outlines with one pixel, inside, and leaves what is in the middle', () => {
    const raster = blank();
    raster.outline(3, 4, 9, 12, BLACK);
    for (let y = 0; y < 20; y++)
      for (let x = 0; x < 20; x++) {
        const inside = x >= 3 && x < 9 && y >= 4 && y < 12;
        const edge = inside && (x === 3 || x === 8 || y === 4 || y === 11);
        expect(red(raster, x, y), `${x}, ${y}`).toBe(edge ? 0 : 255);
      }
  });

  it('draws upright lines as it draws slanted ones, either way and across its edges', () => {
    for (const [from, to] of [
      [3, 12],
      [12, 3],
      [-5, 8],
      [8, 50],
      [-9, -2],
      [25, 30],
    ] as const) {
      const [upright, slanted] = [blank(), blank()];
      upright.line(7.25, from, 7.25, to, BLACK, 0.5);
      slanted.line(7.25, from, 7.2501, to, BLACK, 0.5);
      for (let y = 0; y < 20; y++) expect(red(upright, 7, y)).toBe(red(slanted, 7, y));
      expect(red(upright, 8, 5)).toBe(255);
    }
    const outside = blank();
    outside.line(-1, 0, -1, 20, BLACK, 1);
    outside.line(20, 0, 20, 20, BLACK, 1);
    expect([...outside.data].every(value => value === 255)).toBe(true);
  });
});
