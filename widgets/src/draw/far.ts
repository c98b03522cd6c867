/** The picture from far away: every box in its colour, every link as a hairline, put into a bitmap. */
import type { Content } from './content.js';
import type { ColourName, Palette } from './palette.js';
import type { Picture } from './picture.js';
import { colourOf, type Colour, type Raster } from './raster.js';
import type { Viewport } from './viewport.js';

/** How a box is drawn: as itself, without colour, or withdrawn. */
export type Weight = 'plain' | 'dim' | 'away';

export interface Distance {
  /** Window coordinates; the bitmap has `ratio` pixels for each. */
  view: Viewport;
  ratio: number;
  /** The colour of a box that has another than its own. */
  tint(box: number): string | undefined;
  weight(box: number): Weight;
  isAway(link: number): boolean;
}

const LEAST = 1;

/** A bitmap has numbers where CSS has words: any colour that a style sheet may hold, read once. */
const read = new Map<string, Colour>();

export function readColour(context: CanvasRenderingContext2D, css: string): Colour {
  let colour = read.get(css);
  if (colour !== undefined) return colour;
  context.fillStyle = '#000';
  context.fillStyle = css;
  const text = String(context.fillStyle);
  const hex = /^#(..)(..)(..)$/.exec(text);
  const parts = hex
    ? hex.slice(1).map(part => parseInt(part, 16))
    : [...text.matchAll(/[\d.]+/g)].map(Number);
  colour = colourOf(parts[0] ?? 128, parts[1] ?? 128, parts[2] ?? 128);
  if (read.size > 200) read.clear();
  read.set(css, colour);
  return colour;
}

export function paintFar(
  context: CanvasRenderingContext2D,
  raster: Raster,
  palette: Palette,
  picture: Picture,
  distance: Distance,
): void {
  const colour = (name: ColourName): Colour => readColour(context, palette.colours[name]);
  raster.clear(colour('paper'));
  const { view, ratio } = distance;
  const scale = view.zoom * ratio;
  const X = (x: number): number => (x - view.x) * scale;
  const Y = (y: number): number => (y - view.y) * scale;
  const window = {
    left: view.x,
    right: view.x + raster.width / scale,
    top: view.y,
    bottom: view.y + raster.height / scale,
  };
  const { left, right, top, bottom } = picture.boxes;
  const seen: number[] = [];
  const [ground, groundLine] = [colour('group'), colour('group-line')];
  picture.boxes.search(window, box => {
    if (picture.contents[box]!.look !== 'frame') return void seen.push(box);
    const [x0, x1, y0, y1] = [X(left[box]!), X(right[box]!), Y(top[box]!), Y(bottom[box]!)];
    if (x1 - x0 < 3 || y1 - y0 < 3) return;
    raster.rect(x0, y0, x1, y1, groundLine);
    raster.rect(x0 + 1, y0 + 1, x1 - 1, y1 - 1, ground);
  });
  paintLinks(raster, picture, distance, { X, Y, scale, window, edge: colour('edge') });
  const [quiet, away] = [colour('ink-3'), colour('line-2')];
  for (const box of seen) {
    const content = picture.contents[box]!;
    const [x0, y0] = [X(left[box]!), Y(top[box]!)];
    const x1 = Math.max(X(right[box]!), x0 + LEAST);
    const y1 = Math.max(Y(bottom[box]!), y0 + LEAST * Math.min(1, 12 * scale));
    const weight = distance.weight(box);
    if (weight !== 'plain') {
      raster.rect(x0, y0, x1, y1, weight === 'dim' ? quiet : away, weight === 'dim' ? 0.85 : 0.5);
      continue;
    }
    const tint = distance.tint(box);
    if (tint === undefined) fillBox(raster, content, x0, y0, x1, y1, colour);
    else raster.rect(x0, y0, x1, y1, readColour(context, tint));
  }
}

function fillBox(
  raster: Raster,
  content: Content,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  colour: (name: ColourName) => Colour,
): void {
  if (content.finding === 'error' || content.look === 'failed') {
    raster.rect(x0 - 1, y0 - 1, Math.max(x1, x0 + 4), Math.max(y1, y0 + 4), colour('error'));
  } else if (content.family) raster.rect(x0, y0, x1, y1, colour(content.family), 0.85);
  else if (content.look === 'output') raster.rect(x0, y0, x1, y1, colour('output'));
  else {
    raster.rect(x0, y0, x1, y1, colour('node-line'));
    if (x1 - x0 > 3 && y1 - y0 > 3) raster.rect(x0 + 1, y0 + 1, x1 - 1, y1 - 1, colour('node'));
  }
}

interface Ground {
  X(x: number): number;
  Y(y: number): number;
  scale: number;
  window: { left: number; right: number; top: number; bottom: number };
  edge: Colour;
}

/** A curve is drawn as the straight line between its ends: at this distance nobody sees the difference. */
function paintLinks(raster: Raster, picture: Picture, distance: Distance, ground: Ground): void {
  const { X, Y, scale, window, edge } = ground;
  const opacity = Math.min(0.8, Math.max(0.25, 3 * distance.view.zoom));
  const { left, right, top, bottom } = picture.links;
  const { routes } = picture.layout;
  picture.links.search(window, link => {
    if ((right[link]! - left[link]! + bottom[link]! - top[link]!) * scale < 1.5) return;
    if (distance.isAway(link)) return;
    const route = routes[link]!;
    let [x, y] = [X(route[0]!), Y(route[1]!)];
    for (let i = 0; i < route.length; i += 3) {
      const [nextX, nextTop, nextBottom] = [X(route[i]!), Y(route[i + 1]!), Y(route[i + 2]!)];
      raster.line(x, y, nextX, nextTop, edge, opacity);
      raster.line(nextX, nextTop, nextX, nextBottom, edge, opacity);
      [x, y] = [nextX, nextBottom];
    }
  });
}
