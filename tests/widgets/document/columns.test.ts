import { describe, expect, it } from 'vitest';
import { readColumns } from '../../../widgets/src/document/columns.js';
import type { Column } from '../../../widgets/src/generated/document.js';

const base64 = (array: ArrayBufferView): string =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');

/** The values of one column of `length` rows; null where the member is absent. */
function decode(column: unknown, length: number, optional = true): unknown[] {
  const rows = readColumns({ length, columns: { m: column as Column } }, optional ? [] : ['m'], 't').rows;
  return rows.map(row => ('m' in row ? row.m : null));
}

describe('the five encodings', () => {
  it('plain: values as they are, null is absent', () => {
    expect(decode({ encoding: 'plain', values: ['a', null, [1]] }, 3)).toEqual(['a', null, [1]]);
  });

  it.each([
    ['i8', Int8Array.of(-2, 5, 127)],
    ['u8', Uint8Array.of(2, 5, 255)],
    ['i16', Int16Array.of(-300, 5, 32767)],
    ['u16', Uint16Array.of(2, 5, 65535)],
    ['i32', Int32Array.of(-70000, 5, 2147483647)],
    ['f32', Float32Array.of(0.5, -2, 1e10)],
    ['f64', Float64Array.of(0.1, 2 ** 53, 5)],
  ])('binary of type %s', (type, array) => {
    expect(decode({ encoding: 'binary', type, base64: base64(array) }, 3)).toEqual([...array]);
  });

  it('binary as differences', () => {
    const column = {
      encoding: 'binary',
      type: 'u8',
      delta: true,
      base64: base64(Uint8Array.of(200, 200, 1)),
    };
    expect(decode(column, 3)).toEqual([200, 400, 401]);
  });

  it('the least number of a type is absent among differences', () => {
    const column = {
      encoding: 'binary',
      type: 'i8',
      delta: true,
      base: 1000,
      base64: base64(Int8Array.of(-128, 5, -128, -2)),
    };
    expect(decode(column, 4)).toEqual([null, 1005, null, 1003]);
  });

  it('binary spells what JSON has no number for', () => {
    const column = {
      encoding: 'binary',
      type: 'f64',
      base64: base64(Float64Array.of(NaN, Infinity, -Infinity)),
    };
    expect(decode(column, 3)).toEqual(['NaN', 'Infinity', '-Infinity']);
  });

  it('-1 is absent in an optional member, and itself in a required one', () => {
    const column = {
      encoding: 'runs',
      runs: [
        [2, -1, 0],
        [2, 7, 3],
      ],
    };
    expect(decode(column, 4)).toEqual([null, null, 7, 10]);
    expect(decode(column, 4, false)).toEqual([-1, -1, 7, 10]);
  });

  it('dictionary: values by index, -1 is absent', () => {
    const index = {
      encoding: 'runs',
      runs: [
        [2, 1, 0],
        [1, -1, 0],
        [1, 0, 0],
      ],
    };
    expect(decode({ encoding: 'dictionary', values: ['a', 'b'], index }, 4)).toEqual(['b', 'b', null, 'a']);
  });

  it('lists: lengths and values', () => {
    const column = {
      encoding: 'lists',
      lengths: { encoding: 'runs', runs: [[2, 2, -2]] },
      values: { encoding: 'runs', runs: [[2, 8, 1]] },
    };
    expect(decode(column, 2)).toEqual([[8, 9], []]);
  });
});

describe('what is wrong with a column is said', () => {
  it.each([
    ['a column too short', { encoding: 'runs', runs: [[1, 0, 0]] }, /t\.m has 1 of 2 values/],
    [
      'an unknown encoding',
      { encoding: 'zip' },
      /encoding has to be plain, binary, runs, dictionary or lists, not "zip"/,
    ],
    ['an unknown type', { encoding: 'binary', type: 'u4', base64: '' }, /type has to be one of i8, u8/],
    [
      'bytes that do not add up',
      { encoding: 'binary', type: 'i32', base64: 'AAA=' },
      /2 bytes are no whole number of i32/,
    ],
    ['no base64', { encoding: 'binary', type: 'u8', base64: '%%' }, /base64 is not standard base64/],
    [
      'an index past the values',
      {
        encoding: 'dictionary',
        values: [],
        index: { encoding: 'runs', runs: [[2, 0, 0]] },
      },
      /0 is past the 0 values/,
    ],
    ['a run of two numbers', { encoding: 'runs', runs: [[1, 2]] }, /\[count, start, step\]/],
    ['a run of billions', { encoding: 'runs', runs: [[4e9, 0, 0]] }, /more than the 2 values/],
    [
      'lengths that do not add up',
      {
        encoding: 'lists',
        lengths: { encoding: 'runs', runs: [[2, 1, 0]] },
        values: { encoding: 'runs', runs: [[3, 0, 1]] },
      },
      /lengths add up to 2, not to 3/,
    ],
  ])('%s', (_, column, message) => {
    expect(() => decode(column, 2)).toThrow(message);
  });
});
