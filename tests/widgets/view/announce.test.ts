// @vitest-environment jsdom
/** What a command did is told to those who do not see it. */
import { describe, expect, it } from 'vitest';
import { golden } from '../support/goldens.js';
import { press, rows, selected, show, twin } from '../support/shown.js';

const spoken = (element: HTMLElement): string => element.querySelector('[aria-live]')!.textContent!;
const said = (element: HTMLElement): string => element.querySelector('.ts-said')!.textContent!;

/** What is spoken after each of some keys. */
const after = (element: HTMLElement, ...keys: string[]): string[] =>
  keys.map(key => (press(element, key), spoken(element)));

describe('a command is spoken of', () => {
  it('when it turns to another direction, once that is laid out', () => {
    const element = show(golden('digits'));
    const [forward, both] = after(element, 'B', 'B');
    expect(forward).toMatch(/^Forward trace, \d+ boxes$/);
    expect(both).toMatch(/^Forward trace and backward graph, \d+ boxes$/);
    expect(both).toContain(`, ${twin(element).getAttribute('aria-rowcount')} boxes`);
  });

  it('so that no word of the picture before is left', () => {
    const element = show(golden('digits'));
    rows(element)[1]!.click();
    expect(after(element, 'K')[0]).toMatch(/^Around /);
    expect(after(element, 'B')[0]).toMatch(/^Forward trace, /);
  });

  it('and over the drawing where there is no other direction', () => {
    const element = show(golden('small'));
    press(element, 'B');
    expect(said(element)).toBe('No other direction was recorded.');
  });

  it('when it switches something on or off', () => {
    const element = show(golden('digits'));
    expect(after(element, 'S', 'S', 'H', 'H')).toEqual([
      'Saved: off',
      'Saved: on',
      'Hooks: off',
      'Hooks: on',
    ]);
    expect(after(element, 'L', 'L')).toEqual(['Legend shown', 'Legend hidden']);
    expect(after(element, 'O', 'O')).toEqual(['Outline shown', 'Outline hidden']);
  });

  it('by its button as by its key', () => {
    const element = show(golden('digits'));
    const click = (button: string): string => {
      element.querySelector<HTMLButtonElement>(button)!.click();
      return spoken(element);
    };
    expect(click('[aria-label=Saved]')).toBe('Saved: off');
    expect(click('[aria-label=Fit]')).toBe('All of it is shown');
    expect(click('.ts-legend-button')).toBe('Legend shown');
  });

  it('when it fits the picture', () => {
    expect(after(show(golden('digits')), 'F')).toEqual(['All of it is shown']);
  });

  it('when there is no finding to go to', () => {
    const element = show(golden('digits'));
    press(element, 'N');
    expect(said(element)).toBe('No findings');
    expect(spoken(element)).toBe('');
  });
});

describe('the next finding', () => {
  it('is the node at which a cell raised', () => {
    const element = show(golden('engine_inplace'));
    press(element, 'N');
    expect(selected(element)).toMatch(/^ExpBackward0/);
  });

  it('that nobody knows the node of is told as what was raised, not as none', () => {
    const document = golden('engine_failure');
    const element = show(document);
    press(element, 'N');
    expect(said(element)).toMatch(
      /^AutogradError in cell \d+, line \d+: nothing in this picture is known to have raised it\.$/,
    );
    const calm = show(golden('engine_hooks'));
    press(calm, 'N');
    expect(said(calm)).toBe('No findings');
  });
});
