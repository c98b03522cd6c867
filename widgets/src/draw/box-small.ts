/** Boxes from farther away: less is drawn of them, never smaller text. */
import { baseline, dashes, filled, halo, inks, lineColour, type Job } from './job.js';
import { familyColour } from './palette.js';
import type { Content } from './content.js';
import type { Pen } from './pen.js';
import type { Detail } from './viewport.js';

/** 45 to 70 %: a bar in the family's colour and the short name. */
export function drawShort(job: Job): void {
  const { pen, content, box, state } = job;
  const ink = content.look === 'output' ? pen.colour('on-output') : inks(job).name;
  const isOp = content.family !== undefined && !filled(job);
  if (isOp) {
    pen.context.beginPath();
    pen.context.rect(box.x + 0.5, box.y + 0.5, 4, box.height - 1);
    pen.fill(state === 'dim' ? pen.colour('ink-3') : familyColour(pen.palette, content.family));
  }
  const isPort = content.look === 'port' && box.width > 40;
  if (isPort) pen.icon('port', box.x + 9, box.y + box.height / 2, ink);
  const bar = isPort ? 14 : isOp ? 6 : 0;
  const text = shortName(pen, content, box.width - bar - 6);
  pen.centred(
    text,
    box.x + bar / 2 + box.width / 2,
    baseline(pen, box.y + box.height / 2, 'note'),
    'note',
    ink,
  );
}

/** As much of a name as there is room for; of a repetition, how often it is, first of all. */
function shortName(pen: Pen, { name, times }: Content, room: number): string {
  if (!times) return pen.clip(name, room, 'note');
  const part = pen.clip(name, room - pen.width(` ${times}`, 'note'), 'note');
  if (part) return `${part} ${times}`;
  return pen.width(times, 'note') <= room ? times : '';
}

/** Below 45 %: the box in its family's colour; what is selected keeps at least 6 pixels. */
export function drawMark(job: Job, detail: Detail): void {
  const { pen, content, box, state } = job;
  const least = state === 'selected' || content.finding === 'error' ? 6 : 1;
  const width = Math.max(least, box.width);
  const height = Math.max(least, box.height);
  const round = content.look === 'leaf' || content.look === 'output';
  pen.roundRect(box.x, box.y, width, height, round ? height / 2 : 1.5);
  const fill = filled(job);
  if (state === 'away') pen.stroke(pen.colour('line-2'), 1);
  else if (fill) pen.fill(pen.colour(fill));
  else if (content.look === 'output') pen.fill(pen.colour('output'));
  else if (content.family)
    pen.fill(state === 'dim' ? pen.colour('ink-3') : familyColour(pen.palette, content.family), 0.85);
  else {
    pen.fill(pen.colour('node'));
    pen.stroke(lineColour(job), 1, content.look === 'port' ? dashes(job) : []);
  }
  if (state === 'near') pen.stroke(pen.colour('ink-1'), 1.25);
  if (state === 'selected') {
    pen.stroke(pen.colour('select'), 2);
    halo({ ...job, box: { ...box, width, height } }, 2);
  }
  const isGroup = content.look === 'group' || content.look === 'repeat';
  if (detail !== 'colour' || !isGroup || state === 'away' || height < pen.fontSize('note')) return;
  const text = shortName(pen, content, width * 0.9);
  const y = baseline(pen, box.y + height / 2, 'note');
  if (text) pen.centred(text, box.x + width / 2, y, 'note', inks(job).name);
}
