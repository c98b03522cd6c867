/** Names and shapes beside the links of the selected box: never on a line, never over a box or another label. */
import type { Pen } from './pen.js';
import type { Rect, Viewport } from './viewport.js';

export interface Label {
  route: Float64Array;
  name: string;
  shape: string;
  ground: string;
}

const GAP = 8;

function overlaps(a: Rect, b: Rect): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Where a label may stand, the best first: beside the longest vertical part, else beside the end, on its outer side. */
function anchors(route: Float64Array, view: Viewport): { x: number; y: number; outer: 1 | -1 }[] {
  const X = (at: number): number => (route[at]! - view.x) * view.zoom;
  const Y = (at: number): number => (route[at]! - view.y) * view.zoom;
  const last = route.length - 3;
  const outer = route[last]! < route[0]! - 1 ? -1 : 1;
  const found: { x: number; y: number; outer: 1 | -1 }[] = [];
  const straight = Math.abs(route[last]! - route[0]!) < 1 && route.length === 6;
  if (straight) found.push({ x: X(0), y: (Y(1) + Y(last + 2)) / 2 - 1, outer: 1 });
  for (let i = last - 3; i > 0; i -= 3) {
    if (Y(i + 2) - Y(i + 1) >= 16) found.push({ x: X(i), y: (Y(i + 1) + Y(i + 2)) / 2, outer });
  }
  found.push({ x: X(last), y: Y(last + 2) - 10, outer });
  found.push({ x: X(0), y: Y(2) + 10, outer });
  return found;
}

export function drawLabels(pen: Pen, view: Viewport, labels: Label[], boxes: Rect[]): void {
  const taken: Rect[] = [...boxes];
  const height = pen.fontSize('badge');
  for (const label of labels) {
    if (!label.route.length) continue;
    const nameWidth = label.name ? pen.width(label.name, 'note') + 5 : 0;
    const width = nameWidth + (label.shape ? pen.width(label.shape, 'badge') : 0);
    if (!width) continue;
    const options = anchors(label.route, view).flatMap(({ x, y, outer }) =>
      [outer, -outer].map(side => {
        const left = side > 0 ? x + GAP : x - GAP - width;
        return { left, right: left + width, top: y - height / 2 - 1, bottom: y + height / 2 + 1 };
      }),
    );
    const place = options.find(option => !taken.some(rect => overlaps(option, rect)));
    if (!place) continue;
    taken.push(place);
    const y = (place.top + place.bottom) / 2 + height * 0.345;
    if (label.name) pen.haloed(label.name, place.left, y, 'note', pen.colour('ink-2'), label.ground);
    if (label.shape)
      pen.haloed(label.shape, place.left + nameWidth, y, 'badge', pen.colour('ink-1'), label.ground);
  }
}
