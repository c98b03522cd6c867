import { describe, expect, it } from 'vitest';
import { namesOf, scaleOf, seconds, STEPS } from '../../../../widgets/src/view/overlays/scales.js';

describe('the scale of gradient norms', () => {
  const scale = scaleOf('grad_norm', '1', [0.5]);

  it('is the same for every picture', () => {
    expect([1e-9, 1e-8, 1e-3, 1, 99, 1e6].map(scale.step)).toEqual([0, 0, 3, 5, 6, 6]);
    expect(scale.step(0)).toBe(0);
  });

  it('calls extremes by their name', () => {
    expect([3e-8, 1, 2e3, 0].map(value => scale.alarm!(value))).toEqual([
      'vanishing',
      undefined,
      'exploding',
      undefined,
    ]);
  });

  it('writes norms as norms', () => {
    expect(scale.text(0.88)).toBe('0.880');
    expect(scale.text('NaN')).toBe('NaN');
  });
});

describe('a scale of its own', () => {
  it('reaches from the least to the most, over four powers of ten at most', () => {
    const scale = scaleOf('time', 's', [1e-9, 2e-6, 5.8e-5]);
    expect(scale.sums).toBe(true);
    expect(scale.to).toBe('58 µs');
    expect(scale.step(5.8e-5)).toBe(STEPS - 1);
    expect(scale.step(1e-9)).toBe(0);
  });

  it('takes a single value, and none', () => {
    expect(scaleOf('bytes', 'B', [8]).step(8)).toBeGreaterThanOrEqual(0);
    expect(scaleOf('bytes', 'B', []).step(0)).toBe(0);
  });

  it('shows what it does not know under its own name, by its unit', () => {
    expect(namesOf('run_order').label).toBe('Run order');
    expect(namesOf('constructor').label).toBe('Constructor');
    expect(scaleOf('run_order', '1', [1, 2]).sums).toBe(false);
  });
});

describe('short names', () => {
  it('are each of one thing: Saved is a toggle of the header', () => {
    const names = ['grad_norm', 'time', 'bytes', 'saved_bytes'].map(name => namesOf(name).short);
    expect(names).toEqual(['Norm', 'Time', 'Allocated', 'Bytes']);
  });
});

describe('seconds', () => {
  it('have the unit that suits them', () => {
    expect([1.1e-5, 2.34e-3, 1.2, 3e-8, 0].map(value => seconds(value))).toEqual([
      '11 µs',
      '2.3 ms',
      '1.2 s',
      '30 ns',
      '0',
    ]);
  });
});
