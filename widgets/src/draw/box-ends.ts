/** Where the graph begins and ends: the filled pill of an output, the round box of a leaf; the tag of a port. */
import { baseline, inks, lineColour, type Job } from './job.js';

export function drawOutput(job: Job): void {
  const { pen, content, box, tint } = job;
  const colour = pen.colour('on-output');
  const note = tint ? tint.text : content.note;
  const nameWidth = pen.width(content.name, 'mono');
  const noteWidth = note ? pen.width(note, 'badge') + 6 : 0;
  const middle = box.y + box.height / 2;
  const fits = nameWidth + noteWidth + 6 <= box.width;
  const start = box.x + (box.width - nameWidth - (fits ? noteWidth : 0)) / 2;
  const end = pen.text(content.name, start, baseline(pen, middle, 'mono'), 'mono', colour);
  if (fits && note) pen.text(note, end + 6, baseline(pen, middle, 'mono'), 'badge', colour);
}

export function drawLeaf(job: Job): void {
  const { pen, content, box, marks, tint } = job;
  const ink = inks(job);
  const x = box.x + box.width / 2;
  const middle = box.y + box.height / 2;
  const note = tint ? tint.text : content.note;
  const both =
    note !== '' && box.height >= 2 * pen.fontSize('note') + 4 && pen.width(note, 'note') <= box.width - 6;
  const step = box.height * 0.19;
  pen.centred(content.name, x, baseline(pen, middle - (both ? step : 0), 'mono'), 'mono', ink.name);
  if (both) pen.centred(note, x, baseline(pen, middle + step, 'note'), 'note', ink.rest);
  const hooks = content.badges.find(badge => badge.kind === 'hooks');
  if (!hooks || !marks.hooks) return;
  const width = 18 + pen.width(hooks.text, 'badge');
  pen.roundRect(box.x + box.width - 13, box.y - 6, width, 14, 7);
  pen.fill(pen.colour('paper'));
  pen.stroke(lineColour(job), 1);
  pen.icon('hook', box.x + box.width - 4.5, box.y + 1, pen.colour('ink-2'));
  pen.text(hooks.text, box.x + box.width + 1.5, box.y + 4.5, 'badge', pen.colour('ink-1'));
}

/** The arrow says that the box itself is elsewhere. */
export function drawPort(job: Job): void {
  const { pen, content, box, tint } = job;
  const ink = inks(job);
  const scale = Math.min(1.5, pen.zoom);
  const middle = box.y + box.height / 2;
  const left = box.x + 22 * scale;
  const room = box.x + box.width - 4 * scale - left;
  const note = tint ? tint.text : content.note;
  const both = note !== '' && box.height >= 2 * pen.fontSize('note') + 4;
  const title = middle - (both ? box.height * 0.19 : 0);
  pen.icon('port', box.x + 11 * scale, title, ink.rest);
  const name = pen.clip(content.name, room, 'name');
  const end = pen.text(name, left, baseline(pen, title, 'name'), 'name', ink.name);
  if (content.suffix && end + pen.width(content.suffix, 'suffix') <= left + room)
    pen.text(content.suffix, end, baseline(pen, title, 'name'), 'suffix', ink.rest);
  if (both) {
    const below = baseline(pen, middle + box.height * 0.19, 'note');
    pen.text(pen.clip(note, room, 'note'), left, below, 'note', ink.rest);
  }
}
