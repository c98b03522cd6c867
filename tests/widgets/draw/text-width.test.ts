import { beforeEach, describe, expect, it } from 'vitest';
import { forgetWidths, widthOf } from '../../../widgets/src/draw/text-width.js';

describe('widths of text', () => {
  let calls = 0;
  const measure = (text: string): number => {
    calls++;
    return 7 * text.length;
  };

  beforeEach(() => {
    forgetWidths();
    calls = 0;
  });

  it('are measured once a font', () => {
    for (let i = 0; i < 5; i++) expect(widthOf('Addmm', '600 12px x', measure)).toBe(35);
    widthOf('Addmm', '400 12px x', measure);
    expect(calls).toBe(2);
  });

  it('are put together from characters once there are very many', () => {
    for (let i = 0; i < 20_000; i++)
      expect(widthOf(`blocks.${i}.weight`, 'x', measure)).toBe(7 * `blocks.${i}.weight`.length);
    expect(calls).toBeLessThan(4_000);
  });
});
