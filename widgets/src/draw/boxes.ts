/** Draws one box: shape says what it is, the outline says its state. */
import type { Badge, Content } from './content.js';
import { drawTorn } from './torn.js';
import { glyphOf } from './icons.js';
import { familyColour } from './palette.js';
import type { Pen } from './pen.js';
import type { Detail } from './viewport.js';

/** plain: nothing is selected. dim: something else is. near: a neighbour of what is selected, or under the pointer. */
export type State = 'plain' | 'dim' | 'near' | 'selected';

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

interface Job {
  pen: Pen;
  content: Content;
  box: Frame;
  state: State;
  marks: Marks;
}

export function drawBox(
  pen: Pen,
  content: Content,
  box: Frame,
  state: State,
  marks: Marks,
  detail: Detail,
): void {
  const job = { pen, content, box: snap(box, content, pen.zoom), state, marks };
  if (content.look === 'frame') return drawFrame(job, detail);
  if (content.look === 'torn') return drawTorn(pen, job.box, content.name, state, detail);
  if (detail === 'density' || detail === 'colour') return drawMark(job, detail);
  drawOutline(job);
  if (detail === 'short') return drawShort(job);
  if (content.look === 'output') drawOutput(job);
  else if (content.look === 'leaf') drawLeaf(job);
  else if (content.look === 'group' || content.look === 'repeat') drawGroup(job);
  else drawNode(job);
}

/** To half pixels, so that hairlines are sharp; without the sheets behind. */
function snap(box: Frame, content: Content, zoom: number): Frame {
  const x = Math.round(box.x) + 0.5;
  const y = Math.round(box.y) + 0.5;
  return { x, y, width: Math.round(box.width), height: Math.round(box.height - content.tail * zoom) };
}

function radius({ content, box, pen }: Job): number {
  if (content.look === 'leaf' || content.look === 'output') return box.height / 2;
  return (content.look === 'group' || content.look === 'repeat' ? 6 : 4) * Math.min(1, pen.zoom);
}

function lineColour({ pen, content, state }: Job): string {
  if (state === 'selected') return pen.colour('select');
  if (content.look === 'failed' || content.finding === 'error') return pen.colour('error');
  if (state === 'near') return pen.colour('ink-2');
  return pen.colour(state === 'dim' ? 'line-2' : 'node-line');
}

function drawOutline(job: Job): void {
  const { pen, content, box, state } = job;
  const r = radius(job);
  if (state === 'selected') halo(job, r);
  if (content.look === 'output') {
    pen.roundRect(box.x, box.y, box.width, box.height, r);
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
  pen.fill(pen.colour('node'));
  const width = state === 'selected' ? 2 : content.look === 'failed' ? 1.5 : state === 'near' ? 1.25 : 1;
  pen.stroke(lineColour(job), width, content.look === 'failed' ? [4, 3] : []);
}

function halo({ pen, box }: Job, r: number): void {
  pen.roundRect(box.x - 4, box.y - 4, box.width + 8, box.height + 8, r + 4);
  pen.context.globalAlpha = 0.22;
  pen.stroke(pen.colour('select'), 4);
  pen.context.globalAlpha = 1;
}

function inks({ pen, state }: Job): { name: string; rest: string } {
  const rest = pen.colour('ink-2');
  return { name: state === 'dim' ? rest : pen.colour('ink-1'), rest };
}

/** Middle of the letters, for a baseline at their foot. */
const baseline = (pen: Pen, middle: number, font: 'name' | 'badge' | 'mono' | 'note'): number =>
  middle + pen.fontSize(font) * 0.345;

function drawNode(job: Job): void {
  const { pen, content, box, state } = job;
  const { context, zoom } = pen;
  const ink = inks(job);
  const cell = 22 * Math.min(1.5, zoom);
  const middle = box.y + box.height / 2;
  const colour = state === 'dim' ? pen.colour('ink-3') : familyColour(pen.palette, content.family);
  if (content.look !== 'failed') {
    context.save();
    pen.roundRect(box.x, box.y, box.width, box.height, radius(job));
    context.clip();
    context.beginPath();
    const inset = state === 'selected' ? 1 : 0.5;
    context.rect(box.x + inset, box.y + inset, cell - inset, box.height - 2 * inset);
    pen.fill(colour, 0.13);
    context.restore();
  }
  if (content.family) pen.icon(glyphOf(content.family), box.x + cell / 2 + 0.5, middle, colour);

  const nameWidth = pen.width(content.name, 'name');
  const suffixWidth = content.suffix ? pen.width(content.suffix, 'suffix') : 0;
  const badges = content.badges.filter(badge => (badge.kind === 'hooks' ? job.marks.hooks : job.marks.saved));
  const pad = 8 * (cell / 22);
  // Where text no longer shrinks with the box, it takes the padding on its right.
  let room = box.width - cell - 1.2 * pad;
  const fitName = nameWidth <= room;
  room -= nameWidth;
  const fitSuffix = suffixWidth <= room + 1;
  room -= suffixWidth;
  const text = fitName ? content.name : clip(pen, content.name, box.width - cell - 1.5 * pad);
  const y = baseline(pen, middle, 'name');
  const end = pen.text(text, box.x + cell + pad, y, 'name', ink.name);
  if (fitName && fitSuffix) pen.text(content.suffix, end, y, 'suffix', ink.rest);
  if (!fitSuffix) return;
  let right = box.x + box.width;
  for (const badge of [...badges].reverse()) {
    const width = (badge.width - badge.textWidth) * badgeScale(zoom) + pen.width(badge.text, 'badge');
    // One that would touch the name is left to the panel.
    if ((room -= width) < 2 - 0.2 * pad) break;
    right -= width;
    drawBadge(job, badge, right, middle);
  }
}

/** Text that no longer shrinks takes a little from the space around it. */
const badgeScale = (zoom: number): number => (zoom < 0.9 ? 0.85 * zoom : Math.min(1.5, zoom));

function drawBadge({ pen, box }: Job, badge: Badge, x: number, middle: number): void {
  const { context } = pen;
  const scale = badgeScale(pen.zoom);
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, box.y + 5 * scale);
  context.lineTo(Math.round(x) + 0.5, box.y + box.height - 5 * scale);
  pen.stroke(pen.colour('line-2'), 1);
  const y = baseline(pen, middle, 'badge');
  if (badge.kind === 'hooks') {
    pen.icon('hook', x + 14 * scale, middle, pen.colour('ink-2'));
    pen.text(badge.text, x + 22.5 * scale, y, 'badge', pen.colour('ink-1'));
    return;
  }
  if (badge.kind === 'freed') {
    context.beginPath();
    context.arc(x + 12 * scale, middle, 2.75, 0, 2 * Math.PI);
    pen.stroke(pen.colour('ink-3'), 1.25);
  }
  pen.text(badge.text, x + (badge.kind === 'freed' ? 19 : 9) * scale, y, 'badge', pen.colour('ink-2'));
}

/** As many of the first characters as fit, with an ellipsis. */
function clip(pen: Pen, text: string, room: number): string {
  let length = text.length;
  while (length > 1 && pen.width(`${text.slice(0, length)}…`, 'name') > room) length--;
  return length > 1 ? `${text.slice(0, length)}…` : '';
}

function drawOutput(job: Job): void {
  const { pen, content, box } = job;
  const colour = pen.colour('on-output');
  const nameWidth = pen.width(content.name, 'mono');
  const noteWidth = content.note ? pen.width(content.note, 'badge') + 6 : 0;
  const middle = box.y + box.height / 2;
  const fits = nameWidth + noteWidth + 6 <= box.width;
  const start = box.x + (box.width - nameWidth - (fits ? noteWidth : 0)) / 2;
  const end = pen.text(content.name, start, baseline(pen, middle, 'mono'), 'mono', colour);
  if (fits && content.note) pen.text(content.note, end + 6, baseline(pen, middle, 'mono'), 'badge', colour);
}

function drawLeaf(job: Job): void {
  const { pen, content, box, marks } = job;
  const ink = inks(job);
  const x = box.x + box.width / 2;
  const middle = box.y + box.height / 2;
  const both =
    content.note !== '' &&
    box.height >= 2 * pen.fontSize('note') + 4 &&
    pen.width(content.note, 'note') <= box.width - 6;
  const step = box.height * 0.19;
  pen.centred(content.name, x, baseline(pen, middle - (both ? step : 0), 'mono'), 'mono', ink.name);
  if (both) pen.centred(content.note, x, baseline(pen, middle + step, 'note'), 'note', ink.rest);
  const hooks = content.badges.find(badge => badge.kind === 'hooks');
  if (!hooks || !marks.hooks) return;
  const width = 18 + pen.width(hooks.text, 'badge');
  pen.roundRect(box.x + box.width - 13, box.y - 6, width, 14, 7);
  pen.fill(pen.colour('paper'));
  pen.stroke(lineColour(job), 1);
  pen.icon('hook', box.x + box.width - 4.5, box.y + 1, pen.colour('ink-2'));
  pen.text(hooks.text, box.x + box.width + 1.5, box.y + 4.5, 'badge', pen.colour('ink-1'));
}

function chevron(pen: Pen, x: number, y: number, open: boolean, colour: string): void {
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

function drawGroup(job: Job): void {
  const { pen, content, box } = job;
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
  if (content.suffix && end + 6 + pen.width(content.suffix, 'suffix') <= limit) {
    pen.text(content.suffix, end + 6, baseline(pen, title, 'name'), 'suffix', ink.rest);
  }
  if (both && left + pen.width(content.note, 'note') <= limit) {
    pen.text(content.note, left, baseline(pen, middle + box.height * 0.2, 'note'), 'note', ink.rest);
  }
  if (times) {
    const y = middle + pen.fontSize('times') * 0.345;
    pen.text(content.times, box.x + box.width - 12 * scale - times, y, 'times', ink.name);
  }
  if (content.finding) drawFinding(job);
}

/** A finding inside a group is marked at its corner. */
function drawFinding({ pen, content, box }: Job): void {
  const colour = pen.colour(
    content.finding === 'error' ? 'error' : content.finding === 'warning' ? 'warn' : 'info',
  );
  pen.context.beginPath();
  pen.context.arc(box.x + box.width, box.y, 8, 0, 2 * Math.PI);
  pen.fill(pen.colour('paper'));
  pen.icon(content.finding!, box.x + box.width, box.y, colour);
}

function drawFrame(job: Job, detail: Detail): void {
  const { pen, content, box, state } = job;
  pen.roundRect(box.x, box.y, box.width, box.height, 8 * Math.min(1, pen.zoom));
  pen.fill(pen.colour('group'));
  if (state === 'selected') pen.stroke(pen.colour('select'), 2);
  else pen.stroke(pen.colour('group-line'), 1);
  if (detail === 'density') return;
  const ink = { name: pen.colour(state === 'dim' ? 'ink-2' : 'ink-1'), rest: pen.colour('ink-2') };
  const y = box.y + Math.max(12, 14 * Math.min(1, pen.zoom));
  if (detail !== 'full') {
    if (pen.width(content.name, 'name') <= box.width * 0.9 - 12)
      pen.text(content.name, box.x + 8, baseline(pen, y, 'name'), 'name', ink.name);
    return;
  }
  chevron(pen, box.x + 12, y, true, ink.rest);
  let end = pen.text(content.name, box.x + 25, baseline(pen, y, 'name'), 'name', ink.name);
  if (content.suffix) end = pen.text(content.suffix, end + 6, baseline(pen, y, 'name'), 'suffix', ink.rest);
  if (content.times) end = pen.text(content.times, end + 8, baseline(pen, y, 'name'), 'name', ink.name);
  const width = pen.width(content.note, 'note');
  const scale = Math.min(1, pen.zoom);
  if (end + width + 10 <= box.x + box.width - 12 * scale) {
    pen.haloed(
      content.note,
      box.x + box.width - 12 * scale - width,
      baseline(pen, y, 'note'),
      'note',
      ink.rest,
      pen.colour('group'),
    );
  }
}

/** 45 to 70 %: a bar in the family's colour and the short name. */
function drawShort(job: Job): void {
  const { pen, content, box, state } = job;
  const ink = content.look === 'output' ? pen.colour('on-output') : inks(job).name;
  const isOp = content.family !== undefined;
  if (isOp) {
    pen.context.beginPath();
    pen.context.rect(box.x + 0.5, box.y + 0.5, 4, box.height - 1);
    pen.fill(state === 'dim' ? pen.colour('ink-3') : familyColour(pen.palette, content.family));
  }
  const bar = isOp ? 6 : 0;
  const text = clipNote(pen, content.name, box.width - bar - 6);
  pen.centred(
    text,
    box.x + bar / 2 + box.width / 2,
    baseline(pen, box.y + box.height / 2, 'note'),
    'note',
    ink,
  );
}

function clipNote(pen: Pen, text: string, room: number): string {
  if (pen.width(text, 'note') <= room) return text;
  let length = text.length - 1;
  while (length > 1 && pen.width(`${text.slice(0, length)}…`, 'note') > room) length--;
  return length > 1 ? `${text.slice(0, length)}…` : '';
}

/** Below 45 %: the box in its family's colour; what is selected keeps at least 6 pixels. */
function drawMark(job: Job, detail: Detail): void {
  const { pen, content, box, state } = job;
  const least = state === 'selected' || content.finding === 'error' ? 6 : 1;
  const width = Math.max(least, box.width);
  const height = Math.max(least, box.height);
  const round = content.look === 'leaf' || content.look === 'output';
  pen.roundRect(box.x, box.y, width, height, round ? height / 2 : 1.5);
  if (content.look === 'output') pen.fill(pen.colour('output'));
  else if (content.family)
    pen.fill(state === 'dim' ? pen.colour('ink-3') : familyColour(pen.palette, content.family), 0.85);
  else {
    pen.fill(pen.colour('node'));
    pen.stroke(lineColour(job), 1);
  }
  if (state === 'selected') {
    pen.stroke(pen.colour('select'), 2);
    halo({ ...job, box: { ...box, width, height } }, 2);
  }
  const isGroup = content.look === 'group' || content.look === 'repeat';
  if (detail === 'colour' && isGroup && pen.width(content.name, 'note') <= width * 0.9) {
    pen.centred(
      content.name,
      box.x + width / 2,
      baseline(pen, box.y + height / 2, 'note'),
      'note',
      inks(job).name,
    );
  }
}
