import { beforeAll, describe, expect, it, vi } from 'vitest';
import { NONE } from '../../../widgets/src/draw/emphasis.js';
import { paint } from '../../../widgets/src/draw/painter.js';
import type { Picture } from '../../../widgets/src/draw/picture.js';
import { SvgSurface } from '../../../widgets/src/draw/svg.js';
import { PALETTE, recordingContext, type Recorded } from '../support/canvas.js';
import { golden } from '../support/goldens.js';
import { measure, shown } from '../support/picture.js';

beforeAll(() => vi.stubGlobal('Path2D', class {}));

const marks = { saved: true, hooks: true };

function painted(of: Picture, zoom: number, x = -16, width = 5_000): Recorded {
  const recorded = recordingContext();
  const look = { view: { x, y: -16, zoom }, window: { width, height: 5_000 }, marks, emphasis: NONE };
  paint(recorded.context, PALETTE, of, look);
  return recorded;
}

/** A picture with an open group, and the group. */
function framed(name?: string): { picture: Picture; frame: number } {
  const document = golden('engine_hooks');
  if (name) document.modules[0].path = name;
  const { picture } = shown(document);
  const frame = picture.contents.findIndex(
    ({ look, whole }) => look === 'frame' && (!name || whole[0] === name),
  );
  return { picture, frame };
}

describe('the title of an open group', () => {
  it('is on a ground of its own, over the links', () => {
    const { picture, frame } = framed();
    const surface = new SvgSurface((text, font) => measure(text, 'name') * Number(font.length > 0));
    const look = { view: { x: -16, y: -16, zoom: 1 }, window: { width: 5_000, height: 5_000 }, marks, emphasis: NONE };
    paint(surface, PALETTE, picture, look);
    const lines = surface.file(1, 1, '', '').split('\n');
    const title = lines.findIndex(line => line.includes(`>${picture.contents[frame]!.name}</text>`));
    const plate = title - 2;
    const link = lines.findIndex(line => line.includes('stroke="edge"'));
    expect(link).toBeGreaterThan(0);
    expect(plate).toBeGreaterThan(link);
    // The chevron is on it too.
    expect(lines[plate]).toContain('fill="group"');
    const count = lines.findIndex(line => line.includes(`>${picture.contents[frame]!.note}</text>`));
    expect(lines[count - 1]).toContain('fill="group"');
  });

  it('keeps to its row from farther away, and is left out where a box is', () => {
    const { picture, frame } = framed();
    const { name } = picture.contents[frame]!;
    const { top } = picture.rect(frame);
    const inside = picture.scene.boxes.flatMap(({ parent }, box) => (parent === frame ? [box] : []));
    const first = Math.min(...inside.map(box => picture.rect(box).top));
    const foot = (zoom: number): number | undefined => painted(picture, zoom).texts.find(({ text }) => text === name)?.y;
    for (const zoom of [0.42, 0.5, 0.6]) {
      expect(foot(zoom), `at ${zoom}`).toBeGreaterThan((top + 16) * zoom);
      expect(foot(zoom), `at ${zoom}`).toBeLessThanOrEqual((first + 16) * zoom);
    }
    const over = inside.find(box => picture.rect(box).top === first)!;
    // With the first box in the corner where the title stands.
    const width = picture.rect(over).right - picture.rect(over).left;
    picture.boxes.left[over] = picture.rect(frame).left;
    picture.boxes.right[over] = picture.rect(frame).left + width;
    expect(foot(0.42)).toBeDefined();
    expect(foot(0.25)).toBeUndefined();
  });

  it('is as long as there is room for, whatever its name', () => {
    const long = `${'abcde_'.repeat(9)}end`;
    const { picture, frame } = framed(long);
    const { name, note } = picture.contents[frame]!;
    expect(name.length).toBeLessThanOrEqual(40);
    const { left, right } = picture.rect(frame);
    const words = (width: number): string[] => painted(picture, 1, left - 10, width).texts.map(({ text }) => text);
    picture.boxes.right[frame] = Math.max(right, left + 900);
    expect(words(1_500)).toEqual(expect.arrayContaining([long, note]));
    // Less of it where the page ends sooner.
    const narrow = words(560).filter(text => text.startsWith('abcde_'));
    expect(narrow).not.toContain(long);
    expect(words(560)).toContain(note);
  });
}); // prettier-ignore
