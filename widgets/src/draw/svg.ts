/**
 * Writes SVG from the orders that a canvas takes, so that the exported picture is drawn by the same code as the one on
 * the screen. Text stays text; whatever a document says is escaped.
 */
import type { Surface } from './pen.js';

/** Escaped for XML; what XML 1.0 cannot hold becomes the replacement character. */
export function xml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`); // prettier-ignore
}

const short = (value: number): string => String(Math.round(value * 100) / 100);

export class SvgSurface implements Surface {
  font = '10px sans-serif';
  fillStyle: string | CanvasGradient | CanvasPattern = '#000';
  strokeStyle: string | CanvasGradient | CanvasPattern = '#000';
  lineWidth = 1;
  lineCap: CanvasLineCap = 'butt';
  lineJoin: CanvasLineJoin = 'miter';
  textAlign: CanvasTextAlign = 'left';
  textBaseline: CanvasTextBaseline = 'alphabetic';
  globalAlpha = 1;
  private dash: number[] = [];
  private path = '';
  private readonly parts: string[] = [];

  constructor(private readonly measure: (text: string, font: string) => number) {}

  /** The whole file. */
  file(width: number, height: number, title: string, description: string): string {
    const size = `width="${short(width)}" height="${short(height)}" viewBox="0 0 ${short(width)} ${short(height)}"`;
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="title desc">
<title id="title">${xml(title)}</title>
<desc id="desc">${xml(description)}</desc>
${this.parts.join('\n')}
</svg>
`;
  }

  beginPath(): void {
    this.path = '';
  }

  closePath(): void {
    this.path += 'Z';
  }

  moveTo(x: number, y: number): void {
    this.path += `M${short(x)} ${short(y)}`;
  }

  lineTo(x: number, y: number): void {
    this.path += `${this.path ? 'L' : 'M'}${short(x)} ${short(y)}`;
  }

  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.path += `C${[x1, y1, x2, y2, x, y].map(short).join(' ')}`;
  }

  /** Only whole circles are drawn. */
  arc(x: number, y: number, r: number): void {
    const [radius, across] = [short(r), short(2 * r)];
    this.path += `M${short(x - r)} ${short(y)}a${radius} ${radius} 0 1 0 ${across} 0a${radius} ${radius} 0 1 0 -${across} 0Z`;
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.path += `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}Z`;
  }

  roundRect(
    x: number,
    y: number,
    width: number,
    height: number,
    radii?: number | DOMPointInit | Iterable<number | DOMPointInit>,
  ): void {
    const all = (typeof radii === 'number' ? [radii] : [...(radii as Iterable<number>)]) as number[];
    const [a, b = a, c = a, d = b] = all as [number, number?, number?, number?];
    const corner = (r: number, dx: number, dy: number): string =>
      r > 0 ? `a${short(r)} ${short(r)} 0 0 1 ${short(dx * r)} ${short(dy * r)}` : '';
    this.path +=
      `M${short(x + a)} ${short(y)}H${short(x + width - b!)}${corner(b!, 1, 1)}` +
      `V${short(y + height - c!)}${corner(c!, -1, 1)}H${short(x + d!)}${corner(d!, -1, -1)}` +
      `V${short(y + a)}${corner(a, 1, -1)}Z`;
  }

  fill(): void {
    this.parts.push(`<path d="${this.path}" fill="${xml(String(this.fillStyle))}"${this.alpha('fill')}/>`);
  }

  stroke(): void {
    this.parts.push(`<path d="${this.path}" ${this.line()}/>`);
  }

  strokePath(data: string, x: number, y: number, scale: number): void {
    const place = `translate(${short(x)} ${short(y)}) scale(${short(scale)})`;
    this.parts.push(`<path d="${data}" transform="${place}" ${this.line()}/>`);
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    const box = `x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"`;
    this.parts.push(`<rect ${box} fill="${xml(String(this.fillStyle))}"${this.alpha('fill')}/>`);
  }

  fillText(text: string, x: number, y: number): void {
    this.parts.push(`<text ${this.words(x, y)} fill="${xml(String(this.fillStyle))}">${xml(text)}</text>`);
  }

  strokeText(text: string, x: number, y: number): void {
    this.parts.push(`<text ${this.words(x, y)} ${this.line()} aria-hidden="true">${xml(text)}</text>`);
  }

  setLineDash(dash: number[]): void {
    this.dash = dash;
  }

  measureText(text: string): TextMetrics {
    return { width: this.measure(text, this.font) } as TextMetrics;
  }

  private alpha(of: 'fill' | 'stroke'): string {
    return this.globalAlpha < 1 ? ` ${of}-opacity="${short(this.globalAlpha)}"` : '';
  }

  private line(): string {
    const parts = [
      `fill="none" stroke="${xml(String(this.strokeStyle))}" stroke-width="${short(this.lineWidth)}"${this.alpha('stroke')}`,
    ];
    if (this.dash.length) parts.push(`stroke-dasharray="${this.dash.join(' ')}"`);
    if (this.lineCap !== 'butt') parts.push(`stroke-linecap="${this.lineCap}"`);
    if (this.lineJoin !== 'miter') parts.push(`stroke-linejoin="${this.lineJoin}"`);
    return parts.join(' ');
  }

  private words(x: number, y: number): string {
    const [, weight, size, family] = /^(\d+) ([\d.]+)px (.*)$/.exec(this.font) ?? [
      '',
      '400',
      '10',
      'sans-serif',
    ];
    const anchor = this.textAlign === 'center' ? ' text-anchor="middle"' : '';
    return `x="${short(x)}" y="${short(y)}" font-family="${xml(family!)}" font-size="${short(Number(size))}" font-weight="${weight}" xml:space="preserve"${anchor}`;
  }
}
