/** A context to draw with, with the view's fonts, colours and icons, in window coordinates. */
import { FONTS, type Font } from './content.js';
import { cut } from './cut.js';
import { ICONS, type IconName } from './icons.js';
import type { ColourName, Palette } from './palette.js';
import { widthOf } from './text-width.js';

/** What drawing needs of a 2D context: a canvas has it, and so has the writer of SVG. */
export type Surface = Pick<
  CanvasRenderingContext2D,
  | 'beginPath' | 'closePath' | 'moveTo' | 'lineTo' | 'bezierCurveTo' | 'arc' | 'rect' | 'roundRect'
  | 'fill' | 'fillRect' | 'fillText' | 'strokeText' | 'setLineDash' | 'measureText'
  | 'font' | 'fillStyle' | 'strokeStyle' | 'lineWidth' | 'lineCap' | 'lineJoin' | 'textAlign' | 'textBaseline'
  | 'globalAlpha'
> & {
  stroke(): void;
  /** Strokes the path data of an icon, moved and scaled. */
  strokePath?(data: string, x: number, y: number, scale: number): void;
}; // prettier-ignore

const SMALLEST_TEXT = 9;
const LARGEST = 1.5;
const STEPS = 4;

const paths = new Map<string, Path2D>();

function pathOf(data: string): Path2D {
  let path = paths.get(data);
  if (!path) paths.set(data, (path = new Path2D(data)));
  return path;
}

export class Pen {
  private font = '';

  constructor(
    readonly context: Surface,
    readonly palette: Palette,
    readonly zoom: number,
  ) {}

  colour(name: ColourName): string {
    return this.palette.colours[name];
  }

  /** Text keeps to its own size: it follows the zoom only as far as it stays readable and no heading. */
  fontSize(font: Font): number {
    const { size } = FONTS[font];
    const wanted = Math.min(size * LARGEST, Math.max(SMALLEST_TEXT, size * this.zoom));
    // In steps: each size of a font is measured and rasterised for itself.
    return Math.round(wanted * STEPS) / STEPS;
  }

  private fontOf(font: Font): string {
    const { weight, mono } = FONTS[font];
    return `${weight} ${this.fontSize(font)}px ${mono ? this.palette.codeFont : this.palette.uiFont}`;
  }

  private setFont(font: Font): void {
    const wanted = this.fontOf(font);
    // Setting a context's font makes it parse the list of families again.
    if (wanted !== this.font) this.context.font = this.font = wanted;
  }

  /** Draws text from its baseline's left end and returns where it ends. */
  text(text: string, x: number, y: number, font: Font, colour: string): number {
    this.setFont(font);
    this.context.fillStyle = colour;
    this.context.textAlign = 'left';
    this.context.fillText(text, x, y);
    return x + this.width(text, font);
  }

  centred(text: string, x: number, y: number, font: Font, colour: string): void {
    this.setFont(font);
    this.context.fillStyle = colour;
    this.context.textAlign = 'center';
    this.context.fillText(text, x, y);
  }

  width(text: string, font: Font): number {
    return widthOf(text, this.fontOf(font), part => {
      this.setFont(font);
      return this.context.measureText(part).width;
    });
  }

  /** As many characters as fit, with an ellipsis where something was cut. */
  clip(text: string, room: number, font: Font): string {
    if (this.width(text, font) <= room) return text;
    let [low, high] = [0, text.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.width(cut(text, middle + 1), font) <= room) low = middle;
      else high = middle - 1;
    }
    return low > 1 ? cut(text, low + 1) : '';
  }

  /** Text with a rim of the ground, so that a line beside it never touches it. */
  haloed(text: string, x: number, y: number, font: Font, colour: string, ground: string): void {
    const { context } = this;
    this.setFont(font);
    context.textAlign = 'left';
    context.lineJoin = 'round';
    context.lineWidth = 4;
    context.strokeStyle = ground;
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  }

  /** An icon with its middle at (x, y). */
  icon(name: IconName, x: number, y: number, colour: string): void {
    const { context } = this;
    const scale = Math.min(LARGEST, Math.max(0.8, this.zoom));
    context.strokeStyle = colour;
    context.lineWidth = 1.25;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    const [left, top] = [x - 6 * scale, y - 6 * scale];
    if (context.strokePath) return context.strokePath(ICONS[name], left, top, scale);
    const canvas = context as unknown as CanvasRenderingContext2D;
    canvas.save();
    canvas.translate(left, top);
    canvas.scale(scale, scale);
    canvas.stroke(pathOf(ICONS[name]));
    canvas.restore();
  }

  roundRect(x: number, y: number, width: number, height: number, radius: number): void {
    this.context.beginPath();
    this.context.roundRect(x, y, width, height, Math.max(0, Math.min(radius, width / 2, height / 2)));
  }

  fill(colour: string, alpha = 1): void {
    this.context.globalAlpha = alpha;
    this.context.fillStyle = colour;
    this.context.fill();
    this.context.globalAlpha = 1;
  }

  stroke(colour: string, width: number, dash: number[] = []): void {
    const { context } = this;
    context.strokeStyle = colour;
    context.lineWidth = width;
    if (dash.length) context.setLineDash(dash);
    context.stroke();
    if (dash.length) context.setLineDash([]);
  }
}
