// @vitest-environment jsdom
/** A view far off the screen: nothing drawn, and words that the browser's own search finds. */
import { describe, expect, it, vi } from 'vitest';
import { asleep } from '../../../widgets/src/view/asleep.js';
import { golden } from '../support/goldens.js';
import { press, rows, show } from '../support/shown.js';

describe('the words of a view that sleeps', () => {
  it('come once each, hidden until they are found', () => {
    const element = asleep(['loss', '3 nodes', '', 'loss', 'ReluBackward0']);
    expect(element.textContent).toBe('loss · 3 nodes · ReluBackward0');
    expect(element.getAttribute('hidden')).toBe('until-found');
  });

  it('are a page at most, the first before the others', () => {
    const text = asleep(Array.from({ length: 10_000 }, (_, i) => `name ${i}`)).textContent!;
    expect(text.length).toBeLessThan(4_000);
    expect(text).toMatch(/^name 0 · name 1 · /);
  });
});

describe('a view', () => {
  it('leaves its names when it falls asleep, and is as it was when it wakes', () => {
    vi.useFakeTimers();
    let sighted: (near: boolean) => void = () => undefined;
    vi.stubGlobal(
      'IntersectionObserver',
      class {
        constructor(
          readonly told: (entries: { isIntersecting: boolean }[]) => void,
          readonly options: { rootMargin: string },
        ) {
          if (options.rootMargin.startsWith('150%')) sighted = near => told([{ isIntersecting: near }]);
        }
        observe(): void {}
        disconnect(): void {}
      },
    );
    const element = show(golden('digits'));
    press(element, 'B', 'B');
    const before = rows(element).length;
    sighted(false);
    vi.advanceTimersByTime(3_000);
    expect(rows(element)).toEqual([]);
    expect(element.children).toHaveLength(1);
    for (const word of ['cell 5', '3 hooks', 'model.0', 'Linear', 'AddmmBackward0', 'addmm', 'model.2.bias', 'loss'])
      expect(element.textContent).toContain(word);
    sighted(true);
    expect(element.querySelector('.ts-asleep')).toBeNull();
    expect(rows(element)).toHaveLength(before);
    vi.unstubAllGlobals();
  }); // prettier-ignore
});
