/** Icons on a grid of 12, drawn with strokes: the same paths serve the canvas and the page. */
import type { Family } from '../model/names.js';

const circle = (cx: number, cy: number, r: number): string =>
  `M${cx - r} ${cy}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

export const ICONS = {
  product: 'M3 3l6 6M9 3l-6 6',
  pointwise: 'M2 9.5C5 9.5 5 2.5 10 2.5',
  reduce: 'M9 2.5H3.2L6.4 6 3.2 9.5H9',
  view: 'M2 4.2h7.5M7.6 2.3l1.9 1.9-1.9 1.9M10 8h-7.5M4.4 6.1l-1.9 1.9 1.9 1.9',
  index: 'M4.4 2v8M7.9 2v8M2 4.3h8M2 7.8h8',
  custom: 'M4 3L1.5 6 4 9M8 3l2.5 3L8 9',
  hook: `${circle(8, 2.3, 1.1)}M8 3.4v3.9a2.6 2.6 0 0 1-5.2 0V5.4l1.7 1.5`,
  saved: 'M6 1.8l4.2 2.1L6 6 1.8 3.900zM1.8 6.300L6 8.400l4.2-2.100M1.8 8.600L6 10.700l4.2-2.1',
  error: 'M4 1.3h4L10.7 4v4L8 10.7H4L1.3 8V4zM4.5 4.5l3 3M7.5 4.5l-3 3',
  warning: 'M6 1.5l4.9 8.800H1.100zM6 4.800v2.400M6 8.750v.01',
  info: `${circle(6, 6, 4.7)}M6 5.6v2.9M6 3.55v.01`,
  search: `${circle(5.2, 5.2, 3.2)}M7.6 7.6l2.6 2.6`,
  fit: 'M1.5 4V1.5H4M8 1.5h2.5V4M10.5 8v2.5H8M4 10.5H1.5V8',
  plus: 'M6 2.2v7.600M2.2 6h7.6',
  minus: 'M2.2 6h7.6',
  up: 'M2.500 7.500L6 4l3.500 3.500',
  down: 'M2.500 4.500L6 8l3.500-3.500',
  port: 'M3 9l5.700-5.700M4.300 3h4.700v4.700',
  more: `${circle(2.4, 6, 0.5)}${circle(6, 6, 0.5)}${circle(9.6, 6, 0.5)}`,
  export: 'M6 7.500V1.500M3.700 3.600L6 1.300l2.300 2.300M1.800 8v2.500h8.400V8',
  outline: 'M1.800 2.500h8.400M4.300 6h5.900M4.300 9.500h5.900',
  close: 'M3 3l6 6M9 3l-6 6',
  plug: 'M4 1.5v2.7M8 1.5v2.700M2.7 4.200h6.600v1.600a3.3 3.3 0 0 1-6.6 0zM6 9.100v1.7',
  clock: `${circle(6, 6, 4.6)}M6 3.300V6l1.9 1.3`,
} as const;

export type IconName = keyof typeof ICONS;

/** A family's glyph has the family's name. */
export const glyphOf = (family: Family): IconName => family;
