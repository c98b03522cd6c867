import { describe, expect, it } from 'vitest';
import { RailRoom } from '../../../widgets/src/draw/rail-room.js';
import { Laid } from '../../../widgets/src/layout/packed.js';

interface Other {
  x: number;
  width: number;
  height?: number;
}

/** A line that goes straight down from one box to another, past what stands beside it half way. */
function isFree(beside: Other[], frame = false, lanes: number[] = []): boolean {
  const route = [0, 10, 10, 0, 100, 200, 0, 290, 290];
  const ways = [route, ...lanes.map(x => [x, 120, 180])];
  const boxes = [
    { x: 0, y: 0, width: 60, height: 20 },
    { x: 0, y: 300, width: 60, height: 20 },
    ...beside.map(box => ({ y: 150, height: 20, ...box })),
  ];
  const starts = ways.reduce((found, way) => [...found, found[found.length - 1]! + way.length], [0]);
  const laid = new Laid({
    x: Float64Array.from(boxes, box => box.x),
    y: Float64Array.from(boxes, box => box.y),
    width: Float64Array.from(boxes, box => box.width),
    height: Float64Array.from(boxes, box => box.height),
    way: Float64Array.from(ways.flat()),
    start: Uint32Array.from(starts),
    totalWidth: 500,
    totalHeight: 310,
  });
  return new RailRoom(laid, 28, box => frame && box === 2).isFree(0, Float64Array.from(route), 28);
}

describe('the room of a rail', () => {
  it('is there where nothing stands beside it', () => {
    expect(isFree([])).toBe(true);
    expect(isFree([{ x: 100, width: 40 }])).toBe(true);
    expect(isFree([{ x: -100, width: 40 }])).toBe(true);
  });

  it('is not where a box is, or the border of a frame; inside of a frame it is', () => {
    expect(isFree([{ x: 50, width: 40 }])).toBe(false);
    expect(isFree([{ x: 50, width: 40 }], true)).toBe(false);
    expect(isFree([{ x: 50, width: 200, height: 250 }], true)).toBe(true);
  });

  it('is not where another line may be widened to rails of its own', () => {
    expect(isFree([], false, [60])).toBe(false);
    expect(isFree([], false, [80])).toBe(true);
  });
});
