// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import { Height } from '../../../widgets/src/view/height.js';

let element: HTMLElement;
let width: number;

beforeEach(() => {
  width = 900;
  element = document.createElement('div');
  Object.defineProperty(element, 'offsetHeight', { get: () => parseFloat(element.style.height) });
  Object.defineProperty(element, 'offsetWidth', { get: () => width });
});

function begun(remembered?: number): Height {
  const height = new Height(element, remembered);
  height.begin();
  return height;
}

const picture = (height: number): { width: number; height: number } => ({ width: 100, height });
const high = (): number => parseFloat(element.style.height);

describe('the height of a display', () => {
  it('is what the first picture needs, within limits', () => {
    const height = begun();
    expect(high()).toBe(220);
    height.fit(picture(300), 'backward', false);
    expect(high()).toBe(390);
    for (const [needed, given] of [
      [5, 220],
      [5000, 560],
    ]) {
      begun().fit(picture(needed!), 'backward', false);
      expect(high()).toBe(given);
    }
  });

  it('grows for the first picture of each direction and for what is opened, and never shrinks', () => {
    const height = begun();
    height.fit(picture(200), 'backward', false);
    height.fit(picture(300), 'both', false);
    expect(high()).toBe(390);
    height.fit(picture(150), 'forward', false);
    expect(high()).toBe(390);
    // Seen before: what was turned to again finds the display as it is.
    height.fit(picture(400), 'backward', false);
    expect(high()).toBe(390);
    height.fit(picture(400), 'backward', true);
    expect(high()).toBe(490);
    height.fit(picture(5000), 'backward', true);
    expect(high()).toBe(560);
  });

  it('is what it was before the view was taken away', () => {
    const height = begun(333);
    expect(high()).toBe(333);
    height.fit(picture(500), 'backward', false);
    expect(high()).toBe(333);
    height.fit(picture(400), 'both', false);
    expect(high()).toBe(490);
  });

  it('makes room for the panel, and for the outline where that stands above the drawing', () => {
    const height = begun();
    height.makeRoomForOutline();
    expect(high()).toBe(220);
    height.makeRoomForPanel();
    expect(high()).toBe(460);
    width = 400;
    height.makeRoomForPanel();
    expect(high()).toBe(640);
    begun();
    height.makeRoomForOutline();
    expect(high()).toBe(460);
  });
});
