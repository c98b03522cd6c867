/** One box to draw, and what all kinds of boxes have in common. */
import { count } from '../document/format.js';
import type { Content, Font } from './content.js';
import type { State } from './emphasis.js';
import { inkOn, type ColourName } from './palette.js';
import type { Pen } from './pen.js';
import type { Tint } from './tint.js';

export interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Marks {
  saved: boolean;
  hooks: boolean;
}

export interface Job {
  pen: Pen;
  content: Content;
  box: Frame;
  state: State;
  marks: Marks;
  tint: Tint | undefined;
  /** How many vertices of a group a search found. */
  found: number;
  /** How much of the page there is from the left: a frame's title stays in it as long as its frame does. */
  room: number;
  /** Drawn over a picture in which it is already. */
  over?: boolean;
}

export function radius({ content, box, pen }: Job): number {
  if (content.look === 'leaf' || content.look === 'output') return box.height / 2;
  return (content.look === 'group' || content.look === 'repeat' ? 6 : 4) * Math.min(1, pen.zoom);
}

export function lineColour({ pen, content, state, tint }: Job): string {
  if (state === 'selected') return pen.colour('select');
  if (state === 'away') return pen.colour('line-2');
  if (content.look === 'failed' || content.finding === 'error' || tint?.fill === 'bad')
    return pen.colour('error');
  if (state === 'near') return pen.colour('ink-2');
  return pen.colour(state === 'dim' ? 'line-2' : 'node-line');
}

/** The step of the scale that the box is filled with, if it is. */
export function filled({ tint, state }: Job): ColourName | undefined {
  if (!tint || state === 'away') return undefined;
  const { fill } = tint;
  return fill === 'none' || fill === 'bad' || fill === 'plain' ? undefined : fill;
}

export function inks(job: Job): { name: string; rest: string } {
  const { pen, state } = job;
  const fill = filled(job);
  if (fill) {
    const ink = pen.colour(inkOn(pen.palette, fill));
    return { name: ink, rest: ink };
  }
  const rest = pen.colour('ink-2');
  return { name: state === 'dim' ? rest : pen.colour('ink-1'), rest };
}

/** Middle of the letters, for a baseline at their foot. */
export const baseline = (pen: Pen, middle: number, font: Font): number => middle + pen.fontSize(font) * 0.345;

export function drawOutline(job: Job): void {
  const { pen, content, box, state } = job;
  const r = radius(job);
  if (state === 'selected') halo(job, r);
  if (content.look === 'output') {
    pen.roundRect(box.x, box.y, box.width, box.height, r);
    if (state === 'away') return pen.stroke(pen.colour('line-2'), 1);
    pen.fill(pen.colour('output'), state === 'dim' ? 0.72 : 1);
    if (state === 'selected' || state === 'near') pen.stroke(lineColour(job), state === 'near' ? 1.25 : 2);
    return;
  }
  const sheets = content.look === 'repeat' ? 2 : content.look === 'group' ? 1 : 0;
  for (let sheet = sheets; sheet > 0; sheet--) {
    const by = 3 * sheet * pen.zoom;
    pen.roundRect(box.x + 4 * sheet * pen.zoom, box.y + by, box.width - 8 * sheet * pen.zoom, box.height, r);
    pen.fill(pen.colour('node'));
    pen.stroke(pen.colour('line-2'), 1);
  }
  pen.roundRect(box.x, box.y, box.width, box.height, r);
  pen.fill(pen.colour(filled(job) ?? 'node'));
  const width = state === 'selected' ? 2 : content.look === 'failed' ? 1.5 : state === 'near' ? 1.25 : 1;
  pen.context.lineCap = 'butt';
  pen.stroke(lineColour(job), width, dashes(job));
}

/** Of an outline: a port is not the box itself. */
export function dashes({ content, tint }: Job): number[] {
  if (content.look === 'port') return [2, 2];
  return content.look === 'failed' || tint?.fill === 'none' ? [4, 3] : [];
}

export function halo({ pen, box }: Job, r: number): void {
  pen.roundRect(box.x - 4, box.y - 4, box.width + 8, box.height + 8, r + 4);
  pen.context.globalAlpha = 0.22;
  pen.stroke(pen.colour('select'), 4);
  pen.context.globalAlpha = 1;
}

/** How many a search found inside, over the upper edge of a closed group: its name is to be read below. */
export function drawFound({ pen, box, found }: Job): void {
  const text = count(found);
  const width = pen.width(text, 'badge') + 12;
  const [x, y] = [box.x + 8, box.y - 12];
  pen.roundRect(x, y, width, 14, 7);
  pen.fill(pen.colour('output'));
  pen.centred(text, x + width / 2, y + 7 + pen.fontSize('badge') * 0.345, 'badge', pen.colour('on-output'));
}
