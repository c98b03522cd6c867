/** Saves the drawing as a file: as it is in the window, or all of it. */
import { CanvasPainter } from '../draw/canvas.js';
import { NONE } from '../draw/emphasis.js';
import { paint, type Look } from '../draw/painter.js';
import type { Palette } from '../draw/palette.js';
import type { Picture } from '../draw/picture.js';
import { SvgSurface } from '../draw/svg.js';
import { widthOf } from '../draw/text-width.js';
import { ZOOM } from '../draw/viewport.js';
import { facts } from '../model/facts.js';
import type { GraphModel } from '../model/model.js';
import type { Direction } from '../model/subject.js';
import { DIRECTIONS } from './directions.js';
import { el } from './dom.js';

export type Format = 'svg' | 'png';
export type Extent = 'view' | 'all';

export interface Exported {
  picture: Picture;
  palette: Palette;
  look: Look;
  title: string;
  description: string;
}

/** What a file says of itself. */
export function captions(model: GraphModel, direction: Direction): Pick<Exported, 'title' | 'description'> {
  const { subject, items } = facts(model);
  return {
    title: `${DIRECTIONS[direction].drawing} of ${subject}`,
    description: `${items.join(', ')}. Made by Tapescope.`,
  };
}

const MARGIN = 16;

/** More boxes than this are drawn in a file as from far away: their text alone would be megabytes. */
const MOST_WRITTEN = 5_000;

/** Browsers make no canvas that is larger. */
const MOST_PIXELS = 8_192;
const RATIO = 2;

/** The look of the file: the window's, or one that has all of the picture in it. */
export function lookOf({ picture, look }: Exported, extent: Extent): Look {
  if (extent === 'view') return { ...look, emphasis: { ...look.emphasis, hovered: -1, partners: new Set() } };
  const many = picture.scene.boxes.length > MOST_WRITTEN;
  const zoom = many ? (ZOOM.colour + ZOOM.short) / 2 : 1;
  const { width, height } = picture.size;
  return {
    ...look,
    view: { x: -MARGIN / zoom, y: -MARGIN / zoom, zoom },
    window: { width: width * zoom + 2 * MARGIN, height: height * zoom + 2 * MARGIN },
    emphasis: { ...NONE, kept: look.emphasis.kept },
  };
}

export function svgOf(exported: Exported, extent: Extent): string {
  const look = lookOf(exported, extent);
  const context = el('canvas', { width: 0, height: 0 }).getContext('2d');
  const surface = new SvgSurface((text, font) =>
    widthOf(text, font, part => {
      if (!context) return part.length * 7;
      context.font = font;
      return context.measureText(part).width;
    }),
  );
  paint(surface, exported.palette, exported.picture, look);
  return surface.file(look.window.width, look.window.height, exported.title, exported.description);
}

export function pngOf(exported: Exported, extent: Extent): Promise<Blob> {
  const look = lookOf(exported, extent);
  const { width, height } = look.window;
  const ratio = Math.min(RATIO, MOST_PIXELS / width, MOST_PIXELS / height);
  const canvas = el('canvas');
  canvas.width = Math.max(1, Math.floor(width * ratio));
  canvas.height = Math.max(1, Math.floor(height * ratio));
  const context = canvas.getContext('2d')!;
  if (ratio >= RATIO / 2) new CanvasPainter().paint(context, ratio, exported.palette, exported.picture, look);
  else {
    // Too large at its own size: the same as seen from as far as it takes.
    const { view } = look;
    const far = { ...view, zoom: view.zoom * ratio, x: view.x, y: view.y };
    const window = { width: canvas.width, height: canvas.height };
    new CanvasPainter().paint(context, 1, exported.palette, exported.picture, { ...look, view: far, window });
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      blob => (blob ? resolve(blob) : reject(new Error('The picture is too large.'))),
      'image/png',
    ),
  );
}

/** A name that every file system takes, and that tells a part of the picture from all of it. */
export function fileName(title: string, format: Format, extent: Extent): string {
  const plain = title.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|-+$/g, '');
  return `${plain.slice(0, 60) || 'graph'}${extent === 'view' ? '-view' : ''}.${format}`;
}

/** Returns a sentence about what came of it. */
export async function save(exported: Exported, format: Format, extent: Extent): Promise<string> {
  const name = fileName(exported.title, format, extent);
  try {
    const blob =
      format === 'svg'
        ? new Blob([svgOf(exported, extent)], { type: 'image/svg+xml' })
        : await pngOf(exported, extent);
    const url = URL.createObjectURL(blob);
    const link = el('a', { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `${name} was not saved: ${why}`;
  }
  return `Saved ${name}.`;
}
