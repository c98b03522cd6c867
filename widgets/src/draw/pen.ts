/** A canvas context with the view's fonts, colours and icons, in window coordinates. */
import { FONTS, type Font } from './content.js';
import { ICONS, type IconName } from './icons.js';
import type { ColourName, Palette } from './palette.js';

const SMALLEST_TEXT = 9;
const LARGEST = 1.5;

const paths = new Map<IconName, Path2D>();

function iconPath(name: IconName): Path2D {
  let path = paths.get(name);
  if (!path) paths.set(name, (path = new Path2D(ICONS[name])));
  return path;
}

export class Pen {
  constructor(
    readonly context: CanvasRenderingContext2D,
    readonly palette: Palette,
    readonly zoom: number,
  ) {}

  colour(name: ColourName): string {
    return this.palette.colours[name];
  }

  /** Text keeps to its own size: it follows the zoom only as far as it stays readable and no heading. */
  fontSize(font: Font): number {
    const { size } = FONTS[font];
    return Math.min(size * LARGEST, Math.max(SMALLEST_TEXT, size * this.zoom));
  }

  setFont(font: Font, size = this.fontSize(font)): void {
    const { weight, mono } = FONTS[font];
    this.context.font = `${weight} ${size}px ${mono ? this.palette.codeFont : this.palette.uiFont}`;
  }

  /** Draws text from its baseline's left end and returns where it ends. */
  text(text: string, x: number, y: number, font: Font, colour: string): number {
    this.setFont(font);
    this.context.fillStyle = colour;
    this.context.textAlign = 'left';
    this.context.fillText(text, x, y);
    return x + this.context.measureText(text).width;
  }

  centred(text: string, x: number, y: number, font: Font, colour: string): void {
    this.setFont(font);
    this.context.fillStyle = colour;
    this.context.textAlign = 'center';
    this.context.fillText(text, x, y);
  }

  width(text: string, font: Font): number {
    this.setFont(font);
    return this.context.measureText(text).width;
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
    context.save();
    context.translate(x - 6 * scale, y - 6 * scale);
    context.scale(scale, scale);
    context.strokeStyle = colour;
    context.lineWidth = 1.25;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.stroke(iconPath(name));
    context.restore();
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
    context.setLineDash(dash);
    context.stroke();
    if (dash.length) context.setLineDash([]);
  }
}
