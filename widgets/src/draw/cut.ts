/**
 * Shortens names. What tells the names of a module's tensors apart is the last part of their path, and of a range of
 * modules its two ends: those stay.
 */
const PATH = /^[^\s.]+(\.[^\s.]+)+$/u;
const RANGE = ' – ';

/** At most `most` characters, with an ellipsis where something was cut. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const ends = text.split(RANGE);
  const each = Math.floor((most - RANGE.length) / 2);
  if (ends.length === 2 && each > 1) {
    const short = ends.map(end => cut(end, Math.max(each, most - RANGE.length - other(ends, end).length)));
    return short.join(RANGE);
  }
  const all = Array.from(text);
  if (all.length <= most) return text;
  return PATH.test(text) ? cutPath(all, most) : `${trimmed(all.slice(0, most - 1))}…`;
}

const other = ([a, b]: string[], one: string): string => (one === a ? b! : a!);

/** Without what would stand oddly before an ellipsis. */
const trimmed = (text: string[]): string => text.join('').replace(/[\s.…→]+$/u, '');

function cutPath(text: string[], most: number): string {
  const last = text.length - text.lastIndexOf('.');
  // A last part that is too long itself may differ from its neighbours at either end.
  const tail = last < most ? last : most - 1 - Math.floor((most - 1) / 3);
  const head = trimmed(text.slice(0, Math.max(0, most - 1 - tail)));
  return `${head}…${text.slice(text.length - tail).join('')}`;
}
