/**
 * How the numbers of an overlay are read: what they are called, which step of seven each takes, how a group's are put
 * together. An overlay that is not here is shown by its unit. To add one, add its entry.
 */
import * as format from '../../document/format.js';
import type { Float } from '../../generated/document.js';

export interface Scale {
  /** Step from 0 to 6. */
  step(value: number): number;
  text(value: Float): string;
  /** Of a group: the sum of its numbers, or all between the least and the most. */
  sums: boolean;
  /** The ends of the scale. */
  from: string;
  to: string;
  alarm?(value: number): string | undefined;
}

export const STEPS = 7;

const clamp = (step: number): number => Math.max(0, Math.min(STEPS - 1, Math.floor(step)));

/** `36 µs` */
export function seconds(given: Float): string {
  const value = format.float(given);
  if (!Number.isFinite(value) || value === 0) return format.number(given);
  const units: [number, string][] = [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs'], [1e-9, 'ns']]; // prettier-ignore
  const [size, unit] = units.find(([least]) => Math.abs(value) >= 0.9995 * least) ?? units[3]!;
  return `${format.number(value / size, 2)} ${unit}`;
}

/** Over at most four powers of ten below the most: what takes less is as good as nothing. */
function logarithmic(values: number[]): Pick<Scale, 'step'> & { least: number; most: number } {
  const positive = values.filter(value => value > 0 && Number.isFinite(value));
  const most = positive.reduce((a, b) => Math.max(a, b), 0) || 1;
  const least = Math.max(
    positive.reduce((a, b) => Math.min(a, b), most),
    most / 1e4,
  );
  const span = Math.log(most / least) || 1;
  return {
    least,
    most,
    step: value => (value > 0 ? clamp((STEPS * Math.log(value / least)) / span) : 0),
  };
}

/** By the overlay's name; `values` are all its numbers. */
const NAMED: Record<string, Named> = {
  grad_norm: {
    label: 'Gradient norm',
    short: 'Norm',
    // Fixed, so that two pictures can be compared.
    scale: () => ({
      step: value => (value > 0 ? clamp((STEPS * (Math.log10(value) + 8)) / 10) : 0),
      text: format.norm,
      sums: false,
      from: '1e-8',
      to: '1e+2',
      alarm: value => (value > 0 && value < 1e-7 ? 'vanishing' : value > 1e3 ? 'exploding' : undefined),
    }),
  },
  time: { label: 'Time', short: 'Time' },
  bytes: { label: 'Bytes allocated', short: 'Allocated' },
  // Not Saved: that is the toggle beside it.
  saved_bytes: { label: 'Bytes saved', short: 'Bytes' },
};

interface Named {
  label: string;
  /** Where there is little room. */
  short: string;
  /** Absent: by the unit. */
  scale?(values: number[]): Scale;
}

const named = (name: string): Named | undefined => (Object.hasOwn(NAMED, name) ? NAMED[name] : undefined);

export function namesOf(name: string): { label: string; short: string } {
  const label = name.replace(/_/g, ' ').replace(/^./, first => first.toUpperCase());
  return named(name) ?? { label, short: label };
}

const TEXTS: Record<string, (value: Float) => string> = {
  s: seconds,
  B: value => format.bytes(format.float(value)),
};

/** Seconds and bytes add up; of a pure number nobody knows. */
function ofUnit(unit: string, values: number[]): Scale {
  const { step, least, most } = logarithmic(values);
  const text = TEXTS[unit] ?? format.number;
  return { step, text, sums: Object.hasOwn(TEXTS, unit), from: text(least), to: text(most) };
}

export function scaleOf(name: string, unit: string, values: number[]): Scale {
  return named(name)?.scale?.(values) ?? ofUnit(unit, values);
}
