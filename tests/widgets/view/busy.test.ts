// @vitest-environment jsdom
/** What a person sees of work that takes a while, and when it begins. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Busy } from '../../../widgets/src/view/busy.js';
import { chain, golden } from '../support/goldens.js';
import { press, show, twin } from '../support/shown.js';

afterEach(() => void vi.useRealTimers());

const shows = (element: Element): boolean =>
  element.getAttribute('aria-busy') === 'true' && element.querySelector('.ts-working') !== null;

describe('work on a large picture', () => {
  it('begins after the frame that shows its sign, and takes the sign away', () => {
    vi.useFakeTimers();
    const view = document.createElement('div');
    const busy = new Busy(view);
    let done = 0;
    busy.run(50_000, () => (done++, busy.end()));
    expect([done, shows(view)]).toEqual([0, true]);
    vi.advanceTimersToNextFrame();
    vi.runAllTimers();
    expect([done, shows(view)]).toEqual([1, false]);
    expect(view.childElementCount).toBe(0);
  });

  it('is left when the view has gone, or something else came of it', () => {
    vi.useFakeTimers();
    const busy = new Busy(document.createElement('div'));
    const work = vi.fn();
    busy.run(50_000, work);
    busy.end();
    vi.runAllTimers();
    expect(work).not.toHaveBeenCalled();
    const later = vi.fn();
    busy.run(50_000, work);
    busy.run(50_000, later);
    vi.runAllTimers();
    expect([work.mock.calls.length, later.mock.calls.length]).toEqual([0, 1]);
  });
});

describe('a view', () => {
  it('of few nodes turns at once, without a sign', () => {
    const element = show(golden('engine_hooks'));
    press(element, 'B');
    expect(shows(element)).toBe(false);
    expect(element.querySelector('.ts-header [aria-pressed=true]')?.textContent).toBe('Forward');
  });

  it('of many opens all once it says so, and is at rest after', () => {
    vi.useFakeTimers();
    const element = show(chain(30_000));
    const rows = (): string => twin(element).getAttribute('aria-rowcount')!;
    const before = rows();
    press(element, 'E');
    expect(shows(element)).toBe(true);
    expect(rows()).toBe(before);
    vi.advanceTimersToNextFrame();
    vi.runAllTimers();
    expect(shows(element)).toBe(false);
    expect(Number(rows())).toBeGreaterThan(30_000);
  });
});
