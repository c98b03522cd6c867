/** The view's colours as the canvas needs them: a canvas can't read CSS variables, so they are resolved once a theme. */
import type { Family } from '../model/names.js';

const NAMES = [
  'paper', 'chrome', 'ink-1', 'ink-2', 'ink-3', 'select', 'link', 'edge', 'node', 'node-line', 'group', 'group-line',
  'line', 'line-2', 'well', 'output', 'on-output', 'error', 'error-well', 'warn', 'warn-well', 'info', 'ok', 'm0', 'm1', 'm2',
  'product', 'pointwise', 'reduce', 'view', 'index', 'custom',
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
