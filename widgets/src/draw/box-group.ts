/** Groups: closed, with sheets behind; closed, one for many that repeat; open, as the frame around what they hold. */
import { baseline, filled, inks, type Job } from './job.js';
import type { Severity } from '../model/subject.js';
import type { ColourName } from './palette.js';
import type { Pen } from './pen.js';
import { chevron } from './titles.js';

export function drawGroup(job: Job): void {
  const { pen, content, box, tint } = job;
  const ink = inks(job);
  const scale = Math.min(1.5, pen.zoom);
  const middle = box.y + box.height / 2;
  const both = box.height >= 2 * pen.fontSize('note') + 4;
  const title = middle - (both ? box.height * 0.2 : 0);
  const left = box.x + 22 * scale;
  chevron(pen, box.x + 10 * scale, title, false, ink.rest);
  const end = pen.text(content.name, left, baseline(pen, title, 'name'), 'name', ink.name);
  const times = content.times ? pen.width(content.times, 'times') : 0;
  const limit = box.x + box.width - 6 * scale - (times ? times + 10 * scale : 0);
  if (content.suffix && end + 6 + pen.width(content.suffix, 'suffix') <= limit)
    pen.text(content.suffix, end + 6, baseline(pen, title, 'name'), 'suffix', ink.rest);
  const note = fitting(pen, tint ? tint.text : content.note, limit - left);
  const noteWidth = pen.width(note, 'note');
  const below = middle + box.height * 0.2;
  if (both && note) pen.text(note, left, baseline(pen, below, 'note'), 'note', ink.rest);
  if (times) {
    const y = (tint?.strip && both ? title : middle) + pen.fontSize('times') * 0.345;
    pen.text(content.times, box.x + box.width - 12 * scale - times, y, 'times', ink.name);
  }
  if (tint?.strip && both) drawStrip(job, left + noteWidth + 8, below);
  if (content.finding) drawCorner(job, content.finding);
}

/** As many of a note's facts, the first ones, as there is room for: text never shrinks as far as boxes do. */
function fitting(pen: Pen, note: string, room: number): string {
  for (let end = note.length; end > 0; end = note.lastIndexOf(SEPARATOR, end - 1))
    if (pen.width(note.slice(0, end), 'note') <= room) return note.slice(0, end);
  return '';
}

const SEPARATOR = ' · ';

/** One cell a turn, in the order in which the gradient meets them. */
function drawStrip(job: Job, from: number, middle: number): void {
  const { pen, box, tint } = job;
  const strip = tint!.strip!;
  const right = box.x + box.width - 12 * Math.min(1.5, pen.zoom);
  const cell = Math.min(7, (right - from) / strip.length);
  if (cell < 2) return;
  strip.forEach((fill, i) => {
    const x = right - (strip.length - i) * cell;
    pen.context.beginPath();
    pen.context.rect(x, middle - 4, cell - (cell > 3 ? 1 : 0), 8);
    if (fill === 'none') pen.stroke(pen.colour('line-2'), 1);
    else pen.fill(pen.colour(fill === 'bad' ? 'error' : fill));
  });
  // Cells must be told from a group that is filled with a step itself.
  if (filled(job)) {
    pen.context.beginPath();
    pen.context.rect(right - strip.length * cell - 1, middle - 5, strip.length * cell + 1, 10);
    pen.stroke(pen.colour('paper'), 1);
  }
}

const COLOURS: Record<Severity, ColourName> = { error: 'error', warning: 'warn', info: 'info' };

/** A finding, or what is extreme, is marked at the box's corner. */
export function drawCorner({ pen, box }: Job, severity: Severity): void {
  pen.context.beginPath();
  pen.context.arc(box.x + box.width, box.y, 8, 0, 2 * Math.PI);
  pen.fill(pen.colour('paper'));
  pen.icon(severity, box.x + box.width, box.y, pen.colour(COLOURS[severity]));
}

/** The ground of an open group; its title is drawn when the links are. */
export function drawFrame(job: Job): void {
  const { pen, box, state } = job;
  pen.roundRect(box.x, box.y, box.width, box.height, 8 * Math.min(1, pen.zoom));
  // Its ground would cover all that is in it.
  if (!job.over) pen.fill(pen.colour('group'));
  if (state === 'selected') pen.stroke(pen.colour('select'), 2);
  else pen.stroke(pen.colour('group-line'), 1);
}
