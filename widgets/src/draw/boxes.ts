/** Draws one box: shape says what it is, the outline says its state. */
import { drawLeaf, drawOutput, drawPort } from './box-ends.js';
import { drawCorner, drawFrame, drawGroup } from './box-group.js';
import { drawMark, drawShort } from './box-small.js';
import type { Badge, Content } from './content.js';
import { glyphOf } from './icons.js';
import { baseline, drawFound, drawOutline, filled, inks, radius, type Frame, type Job } from './job.js';
import { familyColour } from './palette.js';
import { drawTorn } from './torn.js';
import type { Detail } from './viewport.js';

export function drawBox(given: Job, detail: Detail): void {
  const job = { ...given, box: snap(given.box, given.content, given.pen.zoom) };
  const { content, state } = job;
  if (content.look === 'frame') return drawFrame(job);
  if (content.look === 'torn') return drawTorn(job.pen, job.box, content.name, state, detail);
  // In a motion a box may be smaller than its text for a moment.
  const tiny = job.box.height < 0.6 * (content.height - content.tail) * job.pen.zoom;
  if (detail === 'density' || detail === 'colour' || tiny) return drawMark(job, detail);
  drawOutline(job);
  if (state === 'away') return;
  if (detail === 'short') drawShort(job);
  else if (content.look === 'output') drawOutput(job);
  else if (content.look === 'leaf') drawLeaf(job);
  else if (content.look === 'port') drawPort(job);
  else if (content.look === 'group' || content.look === 'repeat') drawGroup(job);
  else drawNode(job);
  if (job.found && (content.look === 'group' || content.look === 'repeat')) drawFound(job);
  // The word is in the panel; beside the box it would stand on its neighbour.
  if (job.tint?.alarm && detail === 'full') drawCorner(job, 'warning');
}

/** To half pixels, so that hairlines are sharp; without the sheets behind. */
function snap(box: Frame, content: Content, zoom: number): Frame {
  const x = Math.round(box.x) + 0.5;
  const y = Math.round(box.y) + 0.5;
  return { x, y, width: Math.round(box.width), height: Math.round(box.height - content.tail * zoom) };
}

/** The glyph on a tint of its family: round at the left, straight at the right. */
function drawGlyph(job: Job, cell: number, middle: number): void {
  const { pen, content, box, state } = job;
  const fill = filled(job);
  const colour = fill
    ? inks(job).name
    : state === 'dim'
      ? pen.colour('ink-3')
      : familyColour(pen.palette, content.family);
  if (content.look !== 'failed' && !fill) {
    const inset = state === 'selected' ? 1 : 0.5;
    const r = Math.max(0, radius(job) - inset);
    const { context } = pen;
    context.beginPath();
    context.roundRect(box.x + inset, box.y + inset, cell - inset, box.height - 2 * inset, [r, 0, 0, r]);
    pen.fill(colour, 0.13);
  }
  if (content.family) pen.icon(glyphOf(content.family), box.x + cell / 2 + 0.5, middle, colour);
}

function drawNode(job: Job): void {
  const { pen, content, box, tint } = job;
  const ink = inks(job);
  const cell = 22 * Math.min(1.5, pen.zoom);
  const middle = box.y + box.height / 2;
  drawGlyph(job, cell, middle);
  const nameWidth = pen.width(content.name, 'name');
  const suffixWidth = content.suffix ? pen.width(content.suffix, 'suffix') : 0;
  const pad = 8 * (cell / 22);
  // Where text no longer shrinks with the box, it takes the padding on its right.
  let room = box.width - cell - 1.2 * pad;
  const fitName = nameWidth <= room;
  const y = baseline(pen, middle, 'name');
  if (tint) {
    // The number stands where the badges do, and where there are none it takes the suffix's place.
    const taken = drawNumber(job, middle, room - (fitName ? nameWidth : 0));
    const text = fitName ? content.name : pen.clip(content.name, room - taken, 'name');
    const end = pen.text(text, box.x + cell + pad, y, 'name', ink.name);
    if (fitName && nameWidth + suffixWidth + taken <= room + 1)
      pen.text(content.suffix, end, y, 'suffix', ink.rest);
    return;
  }
  room -= nameWidth;
  const fitSuffix = suffixWidth <= room + 1;
  room -= suffixWidth;
  const text = fitName ? content.name : pen.clip(content.name, box.width - cell - 1.5 * pad, 'name');
  const end = pen.text(text, box.x + cell + pad, y, 'name', ink.name);
  if (fitName && fitSuffix) pen.text(content.suffix, end, y, 'suffix', ink.rest);
  if (!fitSuffix) return;
  const badges = content.badges.filter(badge => (badge.kind === 'hooks' ? job.marks.hooks : job.marks.saved));
  let right = box.x + box.width;
  for (const badge of [...badges].reverse()) {
    const width = (badge.width - badge.textWidth) * badgeScale(pen.zoom) + pen.width(badge.text, 'badge');
    // One that would touch the name is left to the panel.
    if ((room -= width) < 2 - 0.2 * pad) break;
    right -= width;
    drawBadge(job, badge, right, middle);
  }
}

/** An overlay's number at the right; returns the room that it took. */
function drawNumber(job: Job, middle: number, room: number): number {
  const { pen, box, tint } = job;
  const width = pen.width(tint!.text, 'badge') + 15 * badgeScale(pen.zoom);
  if (width > room) return 0;
  const { context } = pen;
  const x = box.x + box.width - width;
  const ink = inks(job).name;
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, box.y + 5 * pen.zoom);
  context.lineTo(Math.round(x) + 0.5, box.y + box.height - 5 * pen.zoom);
  context.globalAlpha = 0.35;
  pen.stroke(ink, 1);
  context.globalAlpha = 1;
  pen.text(tint!.text, x + 7.5 * badgeScale(pen.zoom), baseline(pen, middle, 'badge'), 'badge', ink);
  return width;
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
