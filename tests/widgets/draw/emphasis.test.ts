import { describe, expect, it } from 'vitest';
import { NONE, Standing } from '../../../widgets/src/draw/emphasis.js';
import { golden } from '../support/goldens.js';
import { shown } from '../support/picture.js';

describe('what stands out', () => {
  const { picture } = shown(golden('small'));
  const [mul, sum, x] = ['n2', 'n1', 'n3'].map(key => picture.indexOf(key)) as [number, number, number];

  it('is nothing at first', () => {
    const standing = new Standing(picture, NONE);
    expect(picture.scene.boxes.map((_, box) => standing.of(box))).toEqual(
      picture.scene.boxes.map(() => 'plain'),
    );
    expect(standing.active.size).toBe(0);
  });

  it('is the selection, with its neighbours and links; the others step back', () => {
    const standing = new Standing(picture, { ...NONE, selected: sum });
    expect(standing.of(sum)).toBe('selected');
    expect([...standing.active].length).toBe(picture.leaving(sum).length + picture.entering(sum).length);
    const states = new Set(picture.scene.boxes.map((_, box) => standing.of(box)));
    expect(states.has('near')).toBe(true);
  });

  it('is what a search found, and what belongs to the pointer', () => {
    const standing = new Standing(picture, { ...NONE, found: new Map([[x, 1]]), partners: new Set([mul]) });
    expect(standing.of(x)).toBe('near');
    expect(standing.of(mul)).toBe('near');
    expect(standing.of(sum)).toBe('dim');
  });

  it('is of what is outside of what is looked at only where the reader is', () => {
    const standing = new Standing(picture, { ...NONE, selected: x, hovered: mul, kept: new Set([sum]) });
    expect(standing.of(x)).toBe('selected');
    expect(standing.of(mul)).toBe('near');
    expect(standing.of(sum)).not.toBe('away');
    expect([...standing.outstanding]).toEqual(expect.arrayContaining([x, mul]));
    const others = picture.scene.boxes.map((_, box) => box).filter(box => ![sum, mul, x].includes(box));
    expect(others.map(box => standing.of(box))).toEqual(others.map(() => 'away'));
    expect(picture.scene.links.every((_, link) => standing.isAway(link))).toBe(true);
    // Links between what is drawn whole are the selection's.
    const whole = picture.scene.links.flatMap(({ from, to }, link) =>
      [from, to].every(end => [sum, mul, x].includes(end)) ? [link] : [],
    );
    expect(whole.length).toBeGreaterThan(1);
    expect([...standing.active].sort()).toEqual(whole);
  });

  it('is beside the selection too, where op and node stand side by side', () => {
    const { picture: both } = shown(golden('columnar'), 'both');
    const [left, right] = [...both.scene.partners][0]!;
    const standing = new Standing(both, { ...NONE, selected: left, kept: new Set() });
    expect([left, right].map(box => standing.of(box))).toEqual(['selected', 'near']);
  });
});
