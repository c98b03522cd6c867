/** Measures text with one canvas for all views; a guess where there is no canvas. */
import { FONTS, type Measure } from '../draw/content.js';
import type { Palette } from '../draw/palette.js';
import { widthOf } from '../draw/text-width.js';
import { el } from './dom.js';

let context: CanvasRenderingContext2D | null | undefined;

/** `palette` is asked for only when there is something to measure with. */
export function measuring(palette: () => Palette): Measure {
  return (text, font) => {
    const { weight, size, mono } = FONTS[font];
    if (context === undefined) context = el('canvas', { width: 0, height: 0 }).getContext('2d');
    if (!context) return text.length * size * 0.6;
    const { codeFont, uiFont } = palette();
    const css = `${weight} ${size}px ${mono ? codeFont : uiFont}`;
    return widthOf(text, css, part => {
      context!.font = css;
      return context!.measureText(part).width;
    });
  };
}
