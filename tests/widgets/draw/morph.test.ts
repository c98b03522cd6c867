import { describe, expect, it } from 'vitest';
import { Morph } from '../../../widgets/src/draw/morph.js';
import { golden } from '../support/goldens.js';
import { pictureOf, shown } from '../support/picture.js';

describe('the way from a closed group to the open one', () => {
  const { trace, picture: all } = shown(golden('digits'));
  const key = all.scene.boxes.find(box => box.group)!.key;
  trace.toggle(key);
  const before = pictureOf(trace);
  trace.toggle(key);
  const after = pictureOf(trace);
  const [was, is] = [before.indexOf(key), after.indexOf(key)];
  const morph = new Morph(before, after, 30, -20);

  it('begins where the group was, in the new picture’s coordinates', () => {
    const start = morph.at(0);
    expect(start.layout.x[is]).toBeCloseTo(before.layout.x[was]! + 30);
    expect(start.layout.y[is]).toBeCloseTo(before.layout.y[was]! - 20);
    expect(start.layout.width[is]).toBeCloseTo(before.layout.width[was]!);
  });

  it('lets what the group held come out of it', () => {
    const start = morph.at(0);
    const frame = start.rect(is);
    after.scene.boxes.forEach((box, i) => {
      if (box.parent !== is) return;
      const rect = start.rect(i);
      expect(rect.left).toBeGreaterThanOrEqual(frame.left - 1);
      expect(rect.bottom).toBeLessThanOrEqual(frame.bottom + 1);
    });
  });

  it('ends at the new picture', () => {
    const end = morph.at(1);
    expect([...end.layout.x]).toEqual([...after.layout.x]);
    expect(after.scene.links.length).toBeGreaterThan(10);
    after.scene.links.forEach((_, link) => expect([...end.route(link)]).toEqual([...after.route(link)]));
  });

  it('keeps links at their boxes all the way', () => {
    for (const t of [0, 0.3, 0.8]) {
      const picture = morph.at(t);
      after.scene.links.forEach(({ from, to }, link) => {
        const route = picture.route(link);
        if (!route.length) return;
        expect(route[1]).toBeCloseTo(picture.rect(from).bottom, 3);
        expect(route[route.length - 1]).toBeCloseTo(picture.rect(to).top, 3);
      });
    }
  });
});
