/**
 * Joins what belongs together though no link does: dotted arcs beside the boxes, from the one under the pointer; a
 * straight line between two that stand side by side.
 */
import type { Pen } from './pen.js';
import type { Picture } from './picture.js';
import type { Viewport } from './viewport.js';

/** More arcs than this are a blot; the words below the drawing say how many there are. */
const MOST = 40;

/** How far an arc stands off the boxes, at least and at most. */
const OFF = { least: 24, most: 120 };

export function drawJoins(
  pen: Pen,
  view: Viewport,
  picture: Picture,
  from: number,
  partners: ReadonlySet<number>,
): void {
  if (from < 0 || !partners.size) return;
  const { context } = pen;
  const place = (box: number): [x: number, y: number] => {
    const { right } = picture.rect(box);
    return [(right - view.x) * view.zoom, (picture.layout.y[box]! - view.y) * view.zoom];
  };
  const [x, y] = place(from);
  const near = [...partners].sort(
    (a, b) => Math.abs(picture.layout.y[a]! - picture.layout.y[from]!) - Math.abs(picture.layout.y[b]! - picture.layout.y[from]!),
  ); // prettier-ignore
  const beside = picture.scene.partners.get(from);
  if (beside !== undefined && partners.has(beside)) {
    const [left, right] = [Math.min(from, beside), Math.max(from, beside)];
    context.beginPath();
    const middle = Math.round(y);
    context.moveTo((picture.rect(left).right - view.x) * view.zoom, middle);
    context.lineTo((picture.rect(right).left - view.x) * view.zoom, middle);
    pen.stroke(pen.colour('select'), 2);
  }
  context.beginPath();
  for (const partner of near.slice(0, MOST)) {
    if (partner === beside) continue;
    const [endX, endY] = place(partner);
    const off = Math.min(OFF.most, Math.max(OFF.least, Math.abs(endY - y) / 4)) * Math.min(1, pen.zoom);
    const out = Math.max(x, endX) + off;
    context.moveTo(x + 2, y);
    context.bezierCurveTo(out, y, out, endY, endX + 2, endY);
  }
  context.lineCap = 'round';
  pen.stroke(pen.colour('select'), 1.25, [1, 4]);
  context.lineCap = 'butt';
}
