import { describe, expect, it } from 'vitest';
import { cut } from '../../../widgets/src/draw/cut.js';

describe('a name that is too long', () => {
  const long = 'm.2.the_projection_of_the_hidden_state_onto_the_vocabulary';

  it('is whole where there is room', () => {
    expect(cut('m.2.weight', 10)).toBe('m.2.weight');
  });

  it('keeps the last part of a path: nothing else may differ', () => {
    expect(cut(`${long}.weight`, 24)).toBe('m.2.the_projecti….weight');
    expect(cut(`${long}.bias`, 24)).toBe('m.2.the_projection….bias');
    expect(cut(`${long}.weight`, 9)).toBe('m….weight');
  });

  it('keeps both ends of a last part that is too long itself', () => {
    expect(cut(`${long}_with_tied_weights`, 24)).toBe('m.2.the…ith_tied_weights');
  });

  it('keeps both ends of a range', () => {
    expect(cut('encoder.transformer.blocks.0 – encoder.transformer.blocks.23', 33)).toBe(
      'encoder.tran….0 – encoder.tra….23',
    );
  });

  it('ends with an ellipsis where it is no path', () => {
    expect(cut('A_very_long_class_name', 10)).toBe('A_very_lo…');
    expect(cut('Relu → Linear → … → Linear', 18)).toBe('Relu → Linear…');
  });

  it('is never longer than it may be, and cuts no character in two', () => {
    const names = [`${long}.weight`, long, 'a – b'.repeat(9), `x.${'😀'.repeat(30)}.y`, 'one two three four', '...........'];
    for (const name of names)
      for (let most = 2; most < 60; most++) {
        const short = cut(name, most);
        expect(Array.from(short).length, `${name} ${most}`).toBeLessThanOrEqual(most);
        expect(() => encodeURIComponent(short)).not.toThrow();
      }
  });
}); // prettier-ignore
