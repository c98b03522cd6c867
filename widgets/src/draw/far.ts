/** The picture from far away: every box in its colour, every link as a hairline, put into a bitmap. */
import type { Content } from './content.js';
import type { ColourName, Palette } from './palette.js';
import type { Picture } from './picture.js';
import { colourOf, type Colour, type Raster } from './raster.js';
import type { Rect, Viewport } from './viewport.js';

/** How a box is drawn: as itself, without colour, or withdrawn. */
export type Weight = 'plain' | 'dim' | 'away';

export interface Distance {
  /** Window coordinates; the bitmap has `ratio` pixels for each. */
  view: Viewport;
  ratio: number;
  /** The colour of a box that has another than its own. */
  tint: ((box: number) => string | undefined) | undefined;
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

/** What a box looks like from far away, as one number: an index into the colours below. */
const KINDS = [
  'node',
  'output',
  'error',
  'frame',
  'product',
  'pointwise',
  'reduce',
  'view',
  'index',
  'custom',
] as const;
const [NODE, OUTPUT, ERROR, FRAME] = [0, 1, 2, 3];
const FAMILY_OPACITY = 0.85;

const kinds = new WeakMap<Content[], Uint8Array>();

function kindsOf(contents: Content[]): Uint8Array {
  let found = kinds.get(contents);
  if (!found) kinds.set(contents, (found = Uint8Array.from(contents, kindOf)));
  return found;
}

function kindOf({ look, finding, family }: Content): number {
  if (look === 'frame') return FRAME;
  if (look === 'failed' || finding === 'error') return ERROR;
  if (family) return KINDS.indexOf(family);
  return look === 'output' ? OUTPUT : NODE;
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
  const window = {
    left: view.x,
    right: view.x + raster.width / scale,
    top: view.y,
    bottom: view.y + raster.height / scale,
  };
  const { left, right, top, bottom } = picture.boxes;
  const kind = kindsOf(picture.contents);
  const seen = new Int32Array(picture.boxes.count);
  const filled = new Uint8Array(picture.boxes.count);
  let count = 0;
  const [ground, groundLine] = [colour('group'), colour('group-line')];
  picture.boxes.search(window, box => {
    if (kind[box] !== FRAME) {
      seen[count++] = box;
      return;
    }
    const [x0, x1] = [(left[box]! - view.x) * scale, (right[box]! - view.x) * scale];
    const [y0, y1] = [(top[box]! - view.y) * scale, (bottom[box]! - view.y) * scale];
    if (x1 - x0 < 3 || y1 - y0 < 3) return;
    // Frames in a frame are on the same ground: filling it anew for each level is most of the work.
    const { parent } = picture.scene.boxes[box]!;
    if (parent < 0 || !filled[parent]) raster.rect(x0, y0, x1, y1, ground);
    filled[box] = 1;
    raster.outline(x0, y0, x1, y1, groundLine);
  });
  paintLinks(raster, picture, distance, { scale, window, edge: colour('edge') });
  const [quiet, away, line] = [colour('ink-3'), colour('line-2'), colour('node-line')];
  const colours = KINDS.map(name => colour(name === 'frame' ? 'group' : name));
  const leastHeight = LEAST * Math.min(1, 12 * scale);
  for (let i = 0; i < count; i++) {
    const box = seen[i]!;
    const x0 = (left[box]! - view.x) * scale;
    const y0 = (top[box]! - view.y) * scale;
    const x1 = Math.max((right[box]! - view.x) * scale, x0 + LEAST);
    const y1 = Math.max((bottom[box]! - view.y) * scale, y0 + leastHeight);
    const weight = distance.weight(box);
    if (weight === 'dim') {
      raster.rect(x0, y0, x1, y1, quiet, FAMILY_OPACITY);
      continue;
    }
    if (weight === 'away') {
      raster.rect(x0, y0, x1, y1, away, 0.5);
      continue;
    }
    const of = kind[box]!;
    const own = colours[of]!;
    const tint = distance.tint?.(box);
    if (tint !== undefined) raster.rect(x0, y0, x1, y1, readColour(context, tint));
    else if (of > FRAME) raster.rect(x0, y0, x1, y1, own, FAMILY_OPACITY);
    else if (of === OUTPUT) raster.rect(x0, y0, x1, y1, own);
    else if (of === ERROR) raster.rect(x0 - 1, y0 - 1, Math.max(x1, x0 + 4), Math.max(y1, y0 + 4), own);
    else {
      raster.rect(x0, y0, x1, y1, line);
      if (x1 - x0 > 3 && y1 - y0 > 3) raster.rect(x0 + 1, y0 + 1, x1 - 1, y1 - 1, own);
    }
  }
}

interface Ground {
  scale: number;
  window: Rect;
  edge: Colour;
}

/** A curve is drawn as the straight line between its ends: at this distance nobody sees the difference. */
function paintLinks(raster: Raster, picture: Picture, distance: Distance, ground: Ground): void {
  const { scale, window, edge } = ground;
  const { x: viewX, y: viewY, zoom } = distance.view;
  const opacity = Math.min(0.8, Math.max(0.25, 3 * zoom));
  const { left, right, top, bottom } = picture.links;
  const { way, start } = picture.layout;
  const least = 1.5 / scale;
  picture.links.search(window, link => {
    if (right[link]! - left[link]! + bottom[link]! - top[link]! < least) return;
    if (distance.isAway(link)) return;
    const [first, end] = [start[link]!, start[link + 1]!];
    let x = (way[first]! - viewX) * scale;
    let y = (way[first + 1]! - viewY) * scale;
    for (let i = first; i < end; i += 3) {
      const nextX = (way[i]! - viewX) * scale;
      const from = (way[i + 1]! - viewY) * scale;
      const to = (way[i + 2]! - viewY) * scale;
      if (i > first) raster.line(x, y, nextX, from, edge, opacity);
      raster.line(nextX, from, nextX, to, edge, opacity);
      x = nextX;
      y = to;
    }
  });
}
