/** A torn strip: the picture's edge on both sides of what was left out, and how much that is. */
import type { State } from './emphasis.js';
import type { Frame } from './job.js';
import type { Pen } from './pen.js';
import type { Detail } from './viewport.js';

/** Half a tooth, and its depth. */
const TOOTH = { width: 8, depth: 4 };

export function drawTorn(pen: Pen, box: Frame, text: string, state: State, detail: Detail): void {
  const { context } = pen;
  const depth = Math.min(TOOTH.depth, box.height / 4);
  const teeth = Math.max(2, 2 * Math.round(box.width / (2 * TOOTH.width)));
  const step = box.width / teeth;
  const edge = (y: number, from: number, to: number): void => {
    for (let i = from; i !== to; i += from < to ? 1 : -1)
      context.lineTo(box.x + i * step, y + (i % 2 ? depth : 0));
    context.lineTo(box.x + to * step, y + (to % 2 ? depth : 0));
  };
  const bottom = box.y + box.height - depth;
  context.beginPath();
  context.moveTo(box.x, box.y);
  edge(box.y, 0, teeth);
  edge(bottom, teeth, 0);
  pen.fill(pen.colour('well'));
  const [colour, width] =
    state === 'selected'
      ? [pen.colour('select'), 2]
      : [pen.colour(state === 'near' ? 'ink-2' : 'node-line'), state === 'near' ? 1.25 : 1];
  context.lineJoin = 'round';
  for (const y of [box.y, bottom]) {
    context.beginPath();
    context.moveTo(box.x, y);
    edge(y, 0, teeth);
    pen.stroke(colour, width);
  }
  if (detail === 'density' || detail === 'colour' || pen.width(text, 'note') > box.width - 4) return;
  pen.centred(
    text,
    box.x + box.width / 2,
    box.y + box.height / 2 + pen.fontSize('note') * 0.345,
    'note',
    pen.colour(state === 'selected' ? 'ink-1' : 'ink-2'),
  );
}
