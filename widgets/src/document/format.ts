/** Numbers as the view writes them: bytes in powers of 1,000, a true minus, NaN and inf as Python spells them. */
import type { Float, Shape } from '../generated/document.js';

const minus = (text: string): string => text.replace(/-/g, '−');

/** `12,400`. Written out by hand: a browser takes tens of milliseconds to make its number formats ready. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `12,400 nodes`, `1 node`, `no nodes`. */
export function counted(n: number, noun: string, plural = `${noun}s`): string {
  return n === 0 ? `no ${plural}` : `${count(n)} ${n === 1 ? noun : plural}`;
}

export function bytes(n: number): string {
  let value = n;
  let unit = 0;
  while (value >= 999.5 && unit < 4) {
    value /= 1000;
    unit++;
  }
  const text = unit > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0);
  return `${text} ${['B', 'KB', 'MB', 'GB', 'TB'][unit]}`;
}

/** `≥ 1.5 KB` where there may be more. */
export function atLeast({ savedBytes, unknown }: { savedBytes: number; unknown: boolean }): string {
  return `${unknown ? '≥ ' : ''}${bytes(savedBytes)}`;
}

export function float(value: Float): number {
  return typeof value === 'number'
    ? value
    : value === 'NaN'
      ? NaN
      : value === 'Infinity'
        ? Infinity
        : -Infinity;
}

/** Up to `digits` significant digits; plain from 0.001 to 9,999, else two digits and an exponent. */
export function number(given: Float, digits = 3): string {
  const value = float(given);
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '−inf';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 0.001 || size >= 9999.5) {
    return minus(value.toExponential(1).replace(/e([+-])(\d)$/, 'e$1$2'));
  }
  return minus(String(Number(value.toPrecision(Math.max(digits, Math.ceil(Math.log10(size) + 1e-12))))));
}

/** A norm keeps its zeros (`0.880`, `42.0`): three significant digits from 0.1 on, else an exponent. */
export function norm(given: Float): string {
  const value = float(given);
  if (!Number.isFinite(value) || value === 0) return number(value);
  if (value < 0.0995 || value >= 9999.5) return minus(value.toExponential(1));
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(value) + 1e-9)));
}

export function shape(sizes: Shape): string {
  return `[${sizes.join(', ')}]`;
}

const DTYPES: Record<string, string> = {
  float32: 'f32', float64: 'f64', float16: 'f16', bfloat16: 'bf16', int64: 'i64', int32: 'i32', int16: 'i16',
  int8: 'i8', uint8: 'u8', bool: 'bool', complex64: 'c64', complex128: 'c128',
}; // prettier-ignore

export function dtype(name: string): string {
  return DTYPES[name] ?? name;
}
