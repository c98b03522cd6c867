import { describe, expect, it } from 'vitest';
import { paintFar, type Distance } from '../../../widgets/src/draw/far.js';
import type { Palette } from '../../../widgets/src/draw/palette.js';
import { Raster } from '../../../widgets/src/draw/raster.js';
import { chain, golden } from '../support/goldens.js';
import { shown } from '../support/picture.js';

const COLOURS: Record<string, string> = {
  paper: '#ffffff',
  pointwise: '#008000',
  'ink-3': '#888888',
  n6: '#0000ff',
};
const PALETTE = {
  colours: new Proxy({}, { get: (_, name: string) => COLOURS[name] ?? '#000000' }),
  uiFont: '',
  codeFont: '',
} as Palette;

/** Colours are read back from a context, which here gives them as they are. */
const CONTEXT = { fillStyle: '' } as unknown as CanvasRenderingContext2D;

function painted(document: unknown, change: Partial<Distance> = {}, zoom = 0.1): Raster {
  const { picture } = shown(document);
  const raster = new Raster(
    Math.ceil(picture.size.width * zoom) + 2,
    Math.ceil(picture.size.height * zoom) + 2,
  );
  paintFar(CONTEXT, raster, PALETTE, picture, {
    view: { x: 0, y: 0, zoom },
    ratio: 1,
    tint: undefined,
    weight: () => 'plain',
    isAway: () => false,
    ...change,
  });
  return raster;
}

function count(raster: Raster, test: (r: number, g: number, b: number) => boolean): number {
  let found = 0;
  for (let i = 0; i < raster.data.length; i += 4)
    if (test(raster.data[i]!, raster.data[i + 1]!, raster.data[i + 2]!)) found++;
  return found;
}

describe('a picture from far away', () => {
  const green = (r: number, g: number, b: number): boolean => g > r + 40 && g > b + 40;

  it('has every box in its colour', () => {
    expect(count(painted(chain(30)), green)).toBeGreaterThan(30 * 8);
  });

  it('shows links as lines', () => {
    const withLinks = painted(golden('digits'), {}, 0.19);
    const without = painted(golden('digits'), { isAway: () => true }, 0.19);
    const ink = (raster: Raster): number => count(raster, r => r < 250);
    expect(ink(withLinks)).toBeGreaterThan(ink(without));
  });

  it('takes the colour from what is dimmed, and keeps the box', () => {
    const raster = painted(chain(30), { weight: () => 'dim' });
    expect(count(raster, green)).toBe(0);
    expect(count(raster, r => r < 200)).toBeGreaterThan(30 * 8);
  });

  it('shows an overlay’s colour in place of the family’s', () => {
    const raster = painted(chain(30), { tint: () => '#0000ff' });
    expect(count(raster, green)).toBe(0);
    expect(count(raster, (r, _, b) => b > r + 40)).toBeGreaterThan(30 * 8);
  });
});
