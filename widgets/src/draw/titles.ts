/**
 * The title of an open group: its name at the left, what it holds at the right. It stays on the page as long as its
 * frame does, and may then stand where links come in: it has a ground of its own and is drawn over them.
 */
import { baseline, type Job } from './job.js';
import type { Pen } from './pen.js';
import type { Detail, Rect } from './viewport.js';

/** Above the boxes of a frame, in the picture's own size; layout keeps it free. */
export const ROW = 30;

export function chevron(pen: Pen, x: number, y: number, open: boolean, colour: string): void {
  const { context } = pen;
  context.beginPath();
  if (open) {
    context.moveTo(x, y - 1.75);
    context.lineTo(x + 3.5, y + 1.75);
    context.lineTo(x + 7, y - 1.75);
  } else {
    context.moveTo(x + 1, y - 3.5);
    context.lineTo(x + 4.5, y);
    context.lineTo(x + 1, y + 3.5);
  }
  context.lineCap = 'round';
  context.lineJoin = 'round';
  pen.stroke(colour, 1.4);
}

/**
 * Where the title of a frame begins, and its middle, in the window; `room` is the window's width. Of a frame that
 * leaves the page, the last of the title goes with its end.
 */
export function titlePlace(
  box: { x: number; y: number; width: number },
  nameWidth: number,
  zoom: number,
  room: number,
): { x: number; y: number } {
  const [left, right] = [Math.max(box.x, 0), Math.min(box.x + box.width, room)];
  return {
    x: Math.min(left, Math.max(box.x, right - 40 - nameWidth)),
    y: box.y + Math.max(12, 14 * Math.min(1, zoom)),
  };
}

/** From there to the left end of its chevron. */
export const CHEVRON = 12;

/** `isFree`: whether no box is in a part of the window. */
export function drawTitle(given: Job, detail: Detail, isFree: (part: Rect) => boolean): void {
  const { x, y, width, height } = given.box;
  const job = {
    ...given,
    box: { x: Math.round(x) + 0.5, y: Math.round(y) + 0.5, width: Math.round(width), height },
  };
  if (detail === 'full') fullTitle(job);
  else if (detail !== 'density') shortTitle(job, isFree);
}

function inksOf({ pen, state }: Job): { name: string; rest: string } {
  const quiet = state === 'dim' || state === 'away';
  return { name: pen.colour(quiet ? 'ink-2' : 'ink-1'), rest: pen.colour('ink-2') };
}

/** What of the frame's width is on the page. */
const onPage = ({ box, room }: Job): [left: number, right: number] => [
  Math.max(box.x, 0),
  Math.min(box.x + box.width, room),
];

/** As high as the letters: below it are arrowheads. */
function plate({ pen }: Job, left: number, right: number, middle: number): void {
  const half = 0.6 * pen.fontSize('name');
  pen.context.beginPath();
  pen.context.rect(left, middle - half, right - left, 2 * half);
  pen.fill(pen.colour('group'));
}

function fullTitle(job: Job): void {
  const { pen, content, box } = job;
  const ink = inksOf(job);
  const { x: start, y } = titlePlace(box, pen.width(content.name, 'name'), pen.zoom, job.room);
  const foot = baseline(pen, y, 'name');
  const [left, right] = onPage(job);
  const [name, suffix, times] = [content.name, content.suffix, content.times];
  const timesRoom = times ? 8 + pen.width(times, 'name') : 0;
  const room = (text: string): number => (text ? 6 + pen.width(text, 'suffix') : 0);

  const note = job.tint ? job.tint.text : content.note;
  const noteLeft = right - 12 * Math.min(1, pen.zoom) - pen.width(note, 'note');
  const end = start + 25 + pen.width(name, 'name') + room(suffix) + timesRoom;
  const hasNote = end + 10 <= noteLeft;
  const limit = (hasNote ? noteLeft - 10 : right - 8) - timesRoom;

  // Names are as long as there is room for: the name first, then what it is.
  const whole = longer(pen, name, content.whole[0], limit - start - 25 - room(suffix), 'name');
  const more = longer(pen, suffix, content.whole[1], limit - start - 31 - pen.width(whole, 'name'), 'suffix');
  const last = start + 25 + pen.width(whole, 'name') + room(more) + timesRoom;
  plate(job, Math.min(start, left) + 1, last + 6, y);
  chevron(pen, start + CHEVRON, y, true, ink.rest);
  let at = pen.text(whole, start + 25, foot, 'name', ink.name);
  if (more) at = pen.text(more, at + 6, foot, 'suffix', ink.rest);
  if (times) pen.text(times, at + 8, foot, 'name', ink.name);
  if (!hasNote || !note) return;
  plate(job, noteLeft - 5, right - 1, y);
  pen.text(note, noteLeft, baseline(pen, y, 'note'), 'note', ink.rest);
}

/** As much of the whole as there is room for, and `text` at least. */
function longer(pen: Pen, text: string, whole: string, room: number, font: 'name' | 'suffix'): string {
  if (text === whole || pen.width(text, font) >= room) return text;
  return pen.clip(whole, room, font);
}

/** From farther away the row is lower, and the letters are not: they keep to it as long as they can. */
function shortTitle(job: Job, isFree: (part: Rect) => boolean): void {
  const { pen, content, box } = job;
  const [left, right] = onPage(job);
  const width = pen.width(content.name, 'name');
  if (width > (right - left) * 0.9 - 12) return;
  const half = pen.fontSize('name') / 2;
  const y = box.y + Math.min(12, Math.max(half + 1, (ROW * pen.zoom) / 2));
  if (!isFree({ left: left + 8, right: left + 8 + width, top: y - half, bottom: y + half })) return;
  plate(job, left + 5, left + 11 + width, y);
  pen.text(content.name, left + 8, baseline(pen, y, 'name'), 'name', inksOf(job).name);
}
