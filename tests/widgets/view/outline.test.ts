import { describe, expect, it } from 'vitest';
import { Outline } from '../../../widgets/src/view/outline.js';
import { chain, golden, network } from '../support/goldens.js';
import { shown } from '../support/picture.js';

describe.each([
  ['digits', golden('digits')],
  ['a network', network(30)],
  ['a chain', chain(50)],
])('the outline of %s', (_, document) => {
  const { picture } = shown(document);
  const outline = new Outline(picture);
  const { boxes } = picture.scene;

  it('has each box once', () => {
    expect([...outline.order].sort((a, b) => a - b)).toEqual(boxes.map((_, i) => i));
    outline.order.forEach((box, row) => expect(outline.rowOf[box]).toBe(row));
  });

  it('has a frame directly before what it holds', () => {
    boxes.forEach((box, i) => {
      if (box.parent < 0) return expect(outline.level[i]).toBe(1);
      expect(outline.level[i]).toBe(outline.level[box.parent]! + 1);
      expect(outline.rowOf[i]).toBeGreaterThan(outline.rowOf[box.parent]!);
    });
  });

  it('counts siblings from the top', () => {
    const parents = new Set(boxes.map(({ parent }) => parent));
    for (const parent of parents) {
      const siblings = boxes.flatMap((box, i) => (box.parent === parent ? [i] : []));
      siblings.sort((a, b) => outline.rowOf[a]! - outline.rowOf[b]!);
      expect(siblings.map(i => outline.place[i])).toEqual(siblings.map((_, i) => i + 1));
      for (const i of siblings) expect(outline.siblings[i]).toBe(siblings.length);
      const tops = siblings.map(i => picture.rect(i).top);
      expect(tops).toEqual([...tops].sort((a, b) => a - b));
    }
  });
});
