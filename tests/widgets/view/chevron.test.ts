// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Picture } from '../../../widgets/src/draw/picture.js';
import { Chevrons, chevronOf } from '../../../widgets/src/view/chevron.js';
import { golden, network } from '../support/goldens.js';
import { pictureOf, shown } from '../support/picture.js';

const ROOM = 600;
const VIEW = { x: -10, y: -20, zoom: 1 };

let picture: Picture;
let group: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  ({ picture } = shown(network(40)));
  group = picture.scene.boxes.findIndex(box => box.group && !box.open);
});

/** The same picture with the group open. */
function opened(): [Picture, number] {
  const { trace } = shown(network(40));
  const { key } = picture.scene.boxes[group]!;
  trace.toggle(key);
  const open = pictureOf(trace);
  return [open, open.indexOf(key)];
}

describe('a chevron', () => {
  it('is in the left part of a closed group’s title, where it is drawn', () => {
    const { x, y } = chevronOf(picture, group, VIEW, ROOM)!;
    const { left, top, bottom } = picture.rect(group);
    expect(x - (left + 10)).toBeGreaterThan(5);
    expect(x - (left + 10)).toBeLessThan(22);
    expect(y).toBeGreaterThan(top + 20);
    expect(y).toBeLessThan((top + bottom) / 2 + 20);
  });

  it('stays on the page with a frame’s title', () => {
    const [open, box] = opened();
    const { left, right } = open.rect(box);
    expect(chevronOf(open, box, VIEW, ROOM)!.x).toBeCloseTo(Math.max(0, left + 10) + 15.5);
    const middle = { ...VIEW, x: (left + right) / 2 };
    expect(chevronOf(open, box, middle, ROOM)!.x).toBeLessThanOrEqual(15.5);
    expect(chevronOf(open, box, middle, ROOM)!.x).toBeGreaterThan((left - middle.x) * 1);
  });

  it('is on no node, and not where names are not drawn', () => {
    const nodes = shown(golden('small')).picture;
    expect(nodes.scene.boxes.map((_, box) => chevronOf(nodes, box, VIEW, ROOM))).toEqual(
      nodes.scene.boxes.map(() => undefined),
    );
    expect(chevronOf(picture, group, { ...VIEW, zoom: 0.6 }, ROOM)).toBeUndefined();
  });
});

describe('a press', () => {
  const press = (chevrons: Chevrons, dx = 0): unknown => {
    const { x, y } = chevronOf(picture, group, VIEW, ROOM)!;
    return chevrons.press({ x: x + dx, y }, picture, group, VIEW, ROOM);
  };

  it('is for the chevron or for its box', () => {
    const chevrons = new Chevrons();
    expect(press(chevrons, 30)).toBe('box');
    expect(press(chevrons)).toBe('chevron');
    expect(chevrons.press({ x: 1, y: 1 }, picture, -1, VIEW, ROOM)).toBe('box');
  });

  it('is nothing when it is the second of a double click', () => {
    const chevrons = new Chevrons();
    expect(press(chevrons)).toBe('chevron');
    vi.advanceTimersByTime(200);
    expect([press(chevrons), press(chevrons, 2)]).toEqual([undefined, undefined]);
    // What has come under the pointer meanwhile is not pressed.
    const { x, y } = chevronOf(picture, group, VIEW, ROOM)!;
    expect(chevrons.press({ x, y }, picture, -1, VIEW, ROOM)).toBeUndefined();
    expect(press(chevrons, 60)).toBe('box');
    vi.advanceTimersByTime(700);
    expect(press(chevrons)).toBe('chevron');
  });
});
