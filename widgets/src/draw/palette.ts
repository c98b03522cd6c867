/** The view's colours as the canvas needs them: a canvas can't read CSS variables, so they are resolved once a theme. */
import type { Family } from '../model/names.js';

export const STEPS = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6'] as const;

const NAMES = [
  'paper', 'chrome', 'ink-1', 'ink-2', 'ink-3', 'select', 'link', 'edge', 'node', 'node-line', 'group', 'group-line',
  'line', 'line-2', 'well', 'output', 'on-output', 'error', 'error-well', 'warn', 'warn-well', 'info', 'ok', 'm0', 'm1', 'm2',
  'product', 'pointwise', 'reduce', 'view', 'index', 'custom', 'on-light', 'on-dark', ...STEPS,
] as const; // prettier-ignore

export type ColourName = (typeof NAMES)[number];

export interface Palette {
  colours: Record<ColourName, string>;
  uiFont: string;
  codeFont: string;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string, fallback: string): string => style.getPropertyValue(name).trim() || fallback;
  return {
    colours: Object.fromEntries(
      NAMES.map(name => [name, read(`--ts-${name}`, '#808080')]),
    ) as Palette['colours'],
    uiFont: read('--ts-ui-font', 'sans-serif'),
    codeFont: read('--ts-code-font', 'monospace'),
  };
}

export function familyColour(palette: Palette, family: Family | undefined): string {
  return family ? palette.colours[family] : palette.colours['ink-3'];
}

/** Relative luminance of a colour that is written #rrggbb, as WCAG defines it. */
export function luminance(hex: string): number {
  const linear = [1, 3, 5].map(at => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
}

export function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

/** Near-black or white, whichever reads better on `ground`. */
export function inkOn(palette: Palette, ground: ColourName): ColourName {
  const { colours } = palette;
  return contrast(colours['on-light'], colours[ground]) >= contrast(colours['on-dark'], colours[ground])
    ? 'on-light'
    : 'on-dark';
}
