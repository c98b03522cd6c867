// @vitest-environment jsdom
/** Colours and words of an overlay are those of the picture that is shown, whatever is opened or turned. */
import { describe, expect, it } from 'vitest';
import { transformer } from '../../../bench/graphs/index.js';
import { press, rows, show, twin } from '../../support/shown.js';

const words = (element: HTMLElement): string[] => rows(element).map(row => row.textContent ?? '');

describe('with an overlay on', () => {
  it('a group is opened, and all, and closed again', () => {
    const element = show(transformer(250));
    press(element, 'C');
    const count = (): number => Number(twin(element).getAttribute('aria-rowcount'));
    const before = count();
    press(element, 'm', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter');
    press(element, 'E');
    expect(count()).toBeGreaterThan(before);
    expect(words(element).some(text => /AddmmBackward0.*KB/.test(text))).toBe(true);
    press(element, 'E');
    expect(count()).toBeLessThanOrEqual(before);
  });

  it('the direction is turned: what has no number in it says none', () => {
    const element = show(transformer(250));
    press(element, 'C', 'B', 'B', 'E');
    const texts = words(element);
    expect(texts.length).toBeGreaterThan(20);
    expect(texts.some(text => /AddmmBackward0.*KB/.test(text))).toBe(true);
    // An op saves nothing itself: its node does.
    expect(texts.filter(text => /^addmm(?!B)/.test(text)).some(text => text.includes('KB'))).toBe(false);
  });

  it('a group says of its saved bytes what it says without: memory is counted once', () => {
    const element = show(transformer(250));
    const said = (): string[] =>
      words(element).flatMap(text => /[\d.]+ [KM]B(?= saved)/.exec(text)?.[0] ?? []);
    const plain = said();
    press(element, 'C');
    const group = words(element).find(text => text.includes('model.blocks.0 – '))!;
    const figures = [...group.matchAll(/[\d.]+ [KM]B/g)].map(([figure]) => figure);
    expect(figures.length).toBeGreaterThan(1);
    expect(new Set(figures).size).toBe(1);
    expect(plain).toContain(figures[0]);
  });
});
