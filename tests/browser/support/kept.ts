/**
 * Screenshots that are kept in tests/browser/kept, and how far from them the view may be.
 *
 * They are kept at half their size, and compared in blocks of 2 × 2 of those pixels: two blocks are the same if no colour of their means is more than
 * 40 of 255 apart, and two pictures if at most 3 in 100 blocks are not. So another version of a font, or of its
 * smoothing, passes; a box that moved by a few pixels, a colour or a line that is another, does not.
 *
 * TAPESCOPE_RENEW=1  writes the kept pictures anew: npm run renew
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ARTIFACTS, ROOT } from './browser.js';

const KEPT = join(ROOT, 'tests', 'browser', 'kept');
const TOLERANCE = { colour: 40, blocks: 0.03, block: 2 };

/** What is wrong with a picture, in words; undefined: nothing. */
export async function compare(page: Page, name: string, png: Buffer): Promise<string | undefined> {
  const file = join(KEPT, `${name}.png`);
  const seen = await halved(page, png);
  if (process.env.TAPESCOPE_RENEW) {
    mkdirSync(KEPT, { recursive: true });
    writeFileSync(file, seen);
    return undefined;
  }
  if (!existsSync(file)) return `${file} is missing: npm run renew`;
  writeFileSync(join(ARTIFACTS, `${name}-seen.png`), seen);
  const share = await difference(page, readFileSync(file), seen);
  if (typeof share === 'string') return `${name}: ${share}`;
  return share <= TOLERANCE.blocks
    ? undefined
    : `${name}: ${(100 * share).toFixed(1)} % of its blocks differ from the kept picture (at most ${100 * TOLERANCE.blocks} %)`;
}

async function halved(page: Page, png: Buffer): Promise<Buffer> {
  const url = await page.evaluate(
    async data => {
      const image = new Image();
      image.src = data;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.width >> 1, image.height >> 1];
      const context = canvas.getContext('2d')!;
      context.imageSmoothingQuality = 'high';
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      // Sixteen values a colour are a third of the bytes, and enough for what is compared.
      const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < pixels.data.length; i++)
        if (i % 4 < 3) pixels.data[i] = (pixels.data[i]! >> 4) * 17;
      context.putImageData(pixels, 0, 0);
      return canvas.toDataURL('image/png');
    },
    `data:image/png;base64,${png.toString('base64')}`,
  );
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

/** Share of the blocks that differ. */
function difference(page: Page, kept: Buffer, seen: Buffer): Promise<number | string> {
  const urls = [kept, seen].map(data => `data:image/png;base64,${data.toString('base64')}`);
  return page.evaluate(
    async ({ urls, tolerance }) => {
      const bitmaps = await Promise.all(
        urls.map(async url => {
          const image = new Image();
          image.src = url;
          await image.decode();
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [image.width, image.height];
          const context = canvas.getContext('2d')!;
          context.drawImage(image, 0, 0);
          return context.getImageData(0, 0, image.width, image.height);
        }),
      );
      const [a, b] = bitmaps as [ImageData, ImageData];
      if (a.width !== b.width || a.height !== b.height)
        return `it is ${b.width} × ${b.height}, the kept one ${a.width} × ${a.height}`;
      const { block } = tolerance;
      const mean = (of: ImageData, x: number, y: number, channel: number): number => {
        let sum = 0;
        for (let i = 0; i < block; i++)
          for (let j = 0; j < block; j++) sum += of.data[4 * ((y + i) * of.width + x + j) + channel]!;
        return sum / (block * block);
      };
      let [blocks, differ] = [0, 0];
      for (let y = 0; y + block <= a.height; y += block)
        for (let x = 0; x + block <= a.width; x += block) {
          blocks++;
          if ([0, 1, 2].some(c => Math.abs(mean(a, x, y, c) - mean(b, x, y, c)) > tolerance.colour)) differ++;
        }
      return differ / blocks;
    },
    { urls, tolerance: TOLERANCE },
  );
}
