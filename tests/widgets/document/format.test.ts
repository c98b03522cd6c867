import { describe, expect, it } from 'vitest';
import * as format from '../../../widgets/src/document/format.js';
import { shorten, visible } from '../../../widgets/src/document/text.js';

describe('numbers', () => {
  it.each([[0, '0 B'], [999, '999 B'], [2560, '2.6 KB'], [262144, '262 KB'], [9960, '10 KB'], [18e6, '18 MB'], [999_600, '1.0 MB']])(
    '%d bytes are %s', (n, text) => expect(format.bytes(n)).toBe(text)); // prettier-ignore

  it.each([[0, '0'], [-0.61, '−0.61'], [0.0123456, '0.0123'], [3.1e-4, '3.1e−4'], [2.304, '2.3'], [9999, '9999'], [12345, '1.2e+4']])(
    '%d is %s', (value, text) => expect(format.number(value)).toBe(text)); // prettier-ignore

  it('takes as many digits as are asked for', () => expect(format.number(2.304, 4)).toBe('2.304'));

  it.each([
    ['NaN', 'NaN'],
    ['Infinity', 'inf'],
    ['-Infinity', '−inf'],
  ] as const)('%s is spelt %s', (value, text) => expect(format.number(value)).toBe(text));

  it.each([
    [0.88, '0.880'],
    [42, '42.0'],
    [9.87, '9.87'],
    [0.031, '3.1e−2'],
    [0, '0'],
  ])('the norm %d is %s', (value, text) => expect(format.norm(value)).toBe(text));

  it('counts in words', () => {
    expect(format.counted(12400, 'node')).toBe('12,400 nodes');
    expect(format.counted(1, 'node')).toBe('1 node');
    expect(format.counted(0, 'node')).toBe('no nodes');
  });

  it('writes shapes and dtypes', () => {
    expect(format.shape([1024, 64])).toBe('[1024, 64]');
    expect(format.shape([])).toBe('[]');
    expect(format.dtype('bfloat16')).toBe('bf16');
    expect(format.dtype('float4_e2m1')).toBe('float4_e2m1');
  });
});

describe('text is text', () => {
  it('makes controls and changes of direction visible', () => {
    expect(visible('a\u0000b')).toBe('a␀b');
    expect(visible('a\u202eb')).toBe('a⟨202E⟩b');
    expect(visible('a\u200bb\u2066c')).toBe('a⟨200B⟩b⟨2066⟩c');
    expect(visible('grüße, 数')).toBe('grüße, 数');
  });

  it('shortens by whole characters', () => {
    expect(shorten('abc', 3)).toBe('abc');
    expect(shorten('😀😀😀😀', 3)).toBe('😀😀…');
  });
});
