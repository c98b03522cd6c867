/** Draws links along their routes: vertical parts joined by one cubic with vertical ends. */
import type { Pen } from './pen.js';
import type { Detail, Viewport } from './viewport.js';

/** How far a curve keeps to the vertical at its ends. */
const PULL = 0.55;
const ARROW = { width: 3.4, length: 6 };
/** Of a corner where a link turns into the gap between two columns. */
const CORNER = 6;

/** Follows the route into the context's path; `short` is left free for the arrowhead, at the end or (up) the start. */
function trace(pen: Pen, view: Viewport, route: Float64Array, short: number, up: boolean): void {
  if (!route.length) return;
  const { context } = pen;
  const X = (at: number): number => (route[at]! - view.x) * view.zoom;
  const Y = (at: number): number => (route[at]! - view.y) * view.zoom;
  const last = route.length - 3;
  const end = (at: number): number => Y(at + 2) - (at === last && !up ? short : 0);
  const start = Y(1) + (up ? short : 0);
  context.moveTo(X(0), start);
  let [x, from, to] = [X(0), start, Math.max(start, end(0))];
  for (let i = 3; i <= last; i += 3) {
    const [nextX, nextTo] = [X(i), end(i)];
    const isDown = route[i + 2]! >= route[i + 1]!;
    // An end that is all curve gives the arrowhead its room.
    const nextFrom = isDown ? Math.min(Y(i + 1), nextTo) : Y(i + 1);
    if (to >= from && isDown) {
      context.lineTo(x, to);
      if (Math.abs(nextX - x) < 0.5) context.lineTo(nextX, nextFrom);
      else {
        const pull = (nextFrom - to) * PULL;
        context.bezierCurveTo(x, to + pull, nextX, nextFrom - pull, nextX, nextFrom);
      }
    } else turn(pen, x, from, to, nextX, nextTo);
    [x, from, to] = [nextX, nextFrom, nextTo];
  }
  context.lineTo(x, to);
}

/** From a part that ends at `y` across to one that begins there and runs the other way. */
function turn(pen: Pen, x: number, from: number, y: number, nextX: number, nextTo: number): void {
  const { context } = pen;
  const r = Math.min(CORNER * pen.zoom, Math.abs(nextX - x) / 2, Math.abs(y - from), Math.abs(nextTo - y));
  const [across, before, after] = [
    Math.sign(nextX - x) * r,
    Math.sign(y - from) * r,
    Math.sign(nextTo - y) * r,
  ];
  context.lineTo(x, y - before);
  context.bezierCurveTo(x, y - before / 2, x + across / 2, y, x + across, y);
  context.lineTo(nextX - across, y);
  context.bezierCurveTo(nextX - across / 2, y, nextX, y + after / 2, nextX, y + after);
}

/** Points along the route, close enough that nothing between two of them is far from either. */
export function pointsOf(route: Float64Array, view: Viewport): [x: number, y: number][] {
  const X = (x: number): number => (x - view.x) * view.zoom;
  const Y = (y: number): number => (y - view.y) * view.zoom;
  const points: [number, number][] = [];
  for (let i = 3; i < route.length; i += 3) {
    const [x0, x1] = [X(route[i - 3]!), X(route[i]!)];
    const [y0, y1] = [Y(route[i - 1]!), Y(route[i + 1]!)];
    const pull = (y1 - y0) * PULL;
    for (let step = 0; step <= STEPS; step++) {
      const t = step / STEPS;
      const u = 1 - t;
      points.push([
        x0 * u * u * (1 + 2 * t) + x1 * t * t * (1 + 2 * u),
        y0 * u ** 3 + 3 * u * u * t * (y0 + pull) + 3 * u * t * t * (y1 - pull) + y1 * t ** 3,
      ]);
    }
  }
  return points;
}

const STEPS = 12;

export interface EdgeStyle {
  colour: string;
  width: number;
  dash?: number[];
  /** Without arrowheads. */
  bare?: boolean;
  /** The arrowheads are at the upper ends. */
  up?: boolean;
}

/** All of `routes` in one style, with arrowheads where the zoom allows. */
export function drawEdges(
  pen: Pen,
  view: Viewport,
  routes: Float64Array[],
  style: EdgeStyle,
  detail: Detail,
): void {
  if (!routes.length) return;
  const { context } = pen;
  const arrows = detail === 'full' && !style.bare;
  const scale = Math.min(1, pen.zoom);
  context.lineCap = 'butt';
  context.beginPath();
  const up = style.up === true;
  for (const route of routes) trace(pen, view, route, arrows ? 5 * scale : 0, up);
  pen.stroke(
    style.colour,
    detail === 'full' ? style.width : detail === 'short' ? 1 : detail === 'colour' ? 0.75 : 0.4,
    // From far away dashes are a blot.
    detail === 'full' || detail === 'short' ? style.dash : [],
  );
  if (!arrows) return;
  context.beginPath();
  for (const route of routes) {
    if (!route.length) continue;
    const x = (route[up ? 0 : route.length - 3]! - view.x) * view.zoom;
    const y = (route[up ? 1 : route.length - 1]! - view.y) * view.zoom + (up ? 1 : -1);
    const tail = y + (up ? 1 : -1) * ARROW.length * scale;
    context.moveTo(x, y);
    context.lineTo(x - ARROW.width * scale, tail);
    context.lineTo(x + ARROW.width * scale, tail);
    context.closePath();
  }
  context.fillStyle = style.colour;
  context.fill();
}

/** The ports of the selected box: where its links leave. */
export function drawPorts(pen: Pen, view: Viewport, routes: Float64Array[], colour: string): void {
  if (routes.length < 2) return;
  const { context } = pen;
  for (const route of routes) {
    if (!route.length) continue;
    context.beginPath();
    context.arc((route[0]! - view.x) * view.zoom, (route[1]! - view.y) * view.zoom, 3, 0, 2 * Math.PI);
    pen.fill(pen.colour('paper'));
    pen.stroke(colour, 1.75);
  }
}
