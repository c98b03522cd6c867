// @vitest-environment jsdom
/** The keyboard in and out of frames, past a strip, and through a search. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StaticHost } from '../../../widgets/src/live/host.js';
import { GraphView } from '../../../widgets/src/view/graph-view.js';
import { golden } from '../support/goldens.js';

let view: GraphView;

beforeEach(() => {
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
  view = new GraphView(document.body, golden('digits'), new StaticHost());
});

afterEach(() => {
  view.dispose();
  document.body.replaceChildren();
});

function press(...keys: string[]): string {
  const twin = view.element.querySelector('.ts-twin')!;
  for (const key of keys)
    twin.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  return view.element.querySelector('[role=row][aria-selected=true] [role=gridcell]')!.textContent!;
}

describe('walking through frames', () => {
  it('goes down into an open one, and up to its title again', () => {
    expect(press('Home')).toBe('turn 500 of 500');
    expect(press('ArrowDown')).toBe('loss');
    expect(press('ArrowUp')).toBe('turn 500 of 500');
  });

  it('leaves one at its lower end, for the strip and what is below it', () => {
    press('End', 'ArrowUp');
    expect(press()).toBe('498 turns left out');
    expect(press('ArrowDown')).toBe('turn 1 of 500');
    expect(press('ArrowUp', 'ArrowUp')).toBe('turn 500 of 500');
    let at = press('ArrowDown');
    for (let i = 0; i < 12 && at !== '498 turns left out'; i++) at = press('ArrowDown');
    expect(at).toBe('498 turns left out');
  });

  it('tells of the strip in words', () => {
    press('End', 'ArrowUp');
    const panel = view.element.querySelector('.ts-panel')!.textContent!;
    expect(panel).toContain('Turns 2 to 499 of 500 are not drawn');
    expect(panel).toContain('ops3,486 of 3,500');
    expect(view.element.querySelector('[aria-live]')!.textContent).toBe('498 turns left out, selected');
  });
});

describe('a search', () => {
  it('says how many it found', () => {
    const find = view.element.querySelector<HTMLInputElement>('.ts-find input')!;
    const said = (query: string): string[] => {
      find.value = query;
      find.dispatchEvent(new Event('input'));
      return ['.ts-key', '[role=status]'].map(
        part => view.element.querySelector(`.ts-find ${part}`)!.textContent!,
      );
    };
    expect(said('addmm')).toEqual(['4', '4 matches']);
    expect(said('nothing of the kind')).toEqual(['0', 'no matches']);
    expect(said('')).toEqual(['/', '']);
  });
});
