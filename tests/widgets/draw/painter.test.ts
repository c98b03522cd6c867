import { beforeAll, describe, expect, it, vi } from 'vitest';
import { contentsOf, layoutInput, Picture } from '../../../widgets/src/draw/picture.js';
import { FONTS, type Measure } from '../../../widgets/src/draw/content.js';
import { NONE } from '../../../widgets/src/draw/emphasis.js';
import { paint, paintOutstanding, type Look } from '../../../widgets/src/draw/painter.js';
import { initiallyOpen } from '../../../widgets/src/groups/open.js';
import { buildScene } from '../../../widgets/src/groups/scene.js';
import { buildTree } from '../../../widgets/src/groups/tree.js';
import { layout } from '../../../widgets/src/layout/layout.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { parse } from '../../../widgets/src/document/parse.js';
import { chain, golden, network, type Loose } from '../support/goldens.js';
import { PALETTE, recordingContext, type Recorded } from '../support/canvas.js';

const measure: Measure = (text, font) => text.length * FONTS[font].size * 0.58;

function picture(document: Loose): Picture {
  const model = new GraphModel(parse(document).document);
  const subject = backwardSubject(model);
  const tree = buildTree(subject, model);
  const scene = buildScene(subject, tree, initiallyOpen(tree));
  const contents = contentsOf(scene, measure);
  return new Picture(scene, contents, layout(layoutInput(scene, contents)));
}

function painted(of: Picture, look: Partial<Look> = {}): Recorded {
  const recorded = recordingContext();
  const window = { width: of.size.width + 32, height: of.size.height + 32 };
  paint(recorded.context, PALETTE, of, {
    view: { x: -16, y: -16, zoom: 1 },
    window,
    marks: { saved: true, hooks: true },
    emphasis: NONE,
    ...look,
  });
  return recorded;
}

const words = (recorded: Recorded): string[] => recorded.texts.map(({ text }) => text);

beforeAll(() => vi.stubGlobal('Path2D', class {}));

describe('painting', () => {
  const small = picture(golden('small'));

  it('writes names whole, op and suffix apart', () => {
    expect(words(painted(small))).toEqual(
      expect.arrayContaining(['Sum', 'Backward0', 'Mul', 'x', 'AccumulateGrad · [3]', 'y', '14', '12 B']),
    );
  });

  it('says of a repetition how often it is, from as far as there is room for it', () => {
    const closed = picture(network(40));
    const group = closed.contents.find(({ look }) => look === 'group')!;
    Object.assign(group, { look: 'repeat', name: 'Add', times: '× 6' });
    const at = (zoom: number): string[] => words(painted(closed, { view: { x: -16, y: -16, zoom } }));
    for (const zoom of [0.6, 0.42]) expect(at(zoom), `at ${zoom}`).toContain('Add × 6');
    group.name = 'Add → Mul → Tanh'.repeat(9);
    for (const zoom of [0.6, 0.42])
      expect(at(zoom).some(text => text.includes('…') && text.endsWith('… × 6'))).toBe(true);
    expect(at(0.21).filter(text => text.endsWith('× 6'))).toEqual([]);
  });

  it('never writes smaller than nine pixels, at any zoom', () => {
    for (const zoom of [0.03, 0.1, 0.25, 0.5, 0.7, 0.8, 1, 1.5, 2]) {
      for (const { font, text } of painted(small, {
        view: { x: -16, y: -16, zoom },
      }).texts) {
        expect(Number(/([\d.]+)px/.exec(font)![1]), `${text} at ${zoom}`).toBeGreaterThanOrEqual(9);
      }
    }
  });

  it('draws less, the farther away', () => {
    const at = (zoom: number): string[] => words(painted(small, { view: { x: -16, y: -16, zoom } }));
    expect(at(0.6)).toContain('Sum');
    expect(at(0.6)).not.toContain('Backward0');
    expect(at(0.3)).not.toContain('Sum');
    expect(at(0.1)).toEqual([]);
  });

  it('draws nothing that is out of sight', () => {
    const long = picture(chain(59));
    const all = painted(long).calls.length;
    const some = painted(long, { window: { width: 400, height: 120 } });
    expect(some.calls.length).toBeLessThan(all / 5);
    expect(painted(long, { view: { x: 1e5, y: 0, zoom: 1 } }).texts).toEqual([]);
  });

  it('hides badges that are switched off', () => {
    expect(words(painted(small, { marks: { saved: false, hooks: true } }))).not.toContain('12 B');
  });

  it('dims what is not selected without losing its text, and labels the selection’s edges with shapes', () => {
    const selected = small.indexOf('n2');
    const recorded = painted(small, { emphasis: { ...NONE, selected } });
    const colour = (text: string): string => recorded.texts.find(item => item.text === text)!.colour;
    expect(colour('Mul')).toBe('ink-1');
    expect(colour('Sum')).toBe('ink-1');
    expect(words(recorded)).toContain('[3]');
    const far = painted(small, { emphasis: { ...NONE, selected: small.indexOf('n1') } });
    expect(far.texts.find(item => item.text === 'Sum')!.colour).toBe('ink-2');
  });

  it('labels no link that leads out of what is looked at', () => {
    const [sum, mul] = [small.indexOf('n1'), small.indexOf('n2')];
    const at = (kept: Set<number>): number =>
      painted(small, { emphasis: { ...NONE, selected: mul, kept } }).texts.filter(
        ({ text, colour }) => text === '[3]' && colour === 'ink-1',
      ).length;
    const all = at(new Set(small.contents.keys()));
    expect(all).toBeGreaterThan(0);
    expect(at(new Set([mul]))).toBe(0);
    expect(at(new Set([sum, mul]))).toBeLessThan(all);
    expect(at(new Set([sum, mul]))).toBeGreaterThan(0);
  });

  it('joins no partner that is outside of what is looked at', () => {
    const [hovered, ...partners] = ['n1', 'n2', 'n3'].map(key => small.indexOf(key));
    const arcs = (kept: Set<number>): number => {
      const emphasis = { ...NONE, hovered: hovered!, partners: new Set(partners), kept };
      return painted(small, { emphasis }).calls.filter(call => call === 'bezierCurveTo').length;
    };
    expect(arcs(new Set([hovered!, ...partners])) - arcs(new Set([hovered!]))).toBe(2);
  });

  it('writes how many were found in a closed group as the search does, clear of its name', () => {
    const closed = picture(network(40));
    const group = closed.contents.findIndex(({ look }) => look === 'group' || look === 'repeat');
    const { texts } = painted(closed, { emphasis: { ...NONE, found: new Map([[group, 2631]]) } });
    const count = texts.find(({ text }) => text === '2,631')!;
    // Its foot is above the upper edge.
    expect(count.y).toBeLessThan(closed.rect(group).top + 16);
  });

  it('shows controls in names instead of obeying them', () => {
    const document = golden('small');
    document.tensors[1].name = 'y\u202e\u0007';
    expect(words(painted(picture(document)))).toContain('y⟨202E⟩␇');
  });

  it('draws the op that raised with a dashed outline', () => {
    const recorded = painted(picture(golden('exception')));
    expect(words(recorded)).toContain('matmul');
    expect(recorded.calls.filter(call => call === 'setLineDash').length).toBeGreaterThan(
      painted(small).calls.filter(call => call === 'setLineDash').length,
    );
  });
});

describe('a picture', () => {
  const digits = picture(golden('digits'));

  it('finds the innermost box at a point; a frame answers at its title', () => {
    const frame = digits.scene.boxes.findIndex(box => box.open && box.parent >= 0);
    const rect = digits.rect(frame);
    expect(digits.at(rect.left + 20, rect.top + 10)).toBe(frame);
    expect(digits.at(rect.left + 3, rect.bottom - 3)).not.toBe(frame);
    const node = digits.indexOf('n5');
    expect(digits.at(digits.layout.x[node]!, digits.layout.y[node]!)).toBe(node);
    expect(digits.at(-50, -50)).toBe(-1);
  });

  it('sizes boxes by what they say', () => {
    digits.contents.forEach((content, box) => {
      if (content.look === 'frame') return;
      const text = content.nameWidth + (content.look === 'leaf' ? 0 : content.suffixWidth);
      expect(digits.layout.width[box], content.name).toBeGreaterThan(text);
    });
  });

  it('lays no ground over a picture that is painted from afar when a frame is selected', () => {
    const framed = picture(golden('engine_hooks'));
    const frame = framed.contents.findIndex(({ look }) => look === 'frame');
    expect(frame).toBeGreaterThanOrEqual(0);
    const { context, calls } = recordingContext();
    paintOutstanding(context, PALETTE, framed, {
      view: { x: 0, y: 0, zoom: 0.1 },
      window: framed.size,
      marks: { saved: true, hooks: true },
      emphasis: { ...NONE, selected: frame },
    });
    expect(calls).toContain('stroke');
    expect(calls).not.toContain('fill');
  });

  it('keeps the title of a frame on the page as long as the frame reaches over it', () => {
    const framed = picture(golden('engine_hooks'));
    const frame = framed.contents.findIndex(({ look }) => look === 'frame');
    const { name, note } = framed.contents[frame]!;
    const { left, right, top } = framed.rect(frame);
    const window = { width: (right - left) * 0.8, height: 400 };
    const at = (x: number) => painted(framed, { view: { x, y: top - 20, zoom: 1 }, window }).texts;
    const place = (x: number, words: string) => at(x).find(({ text }) => text === words)?.x;
    // The left part of it is off the page, then the right part.
    expect(place(left + 40, name)).toBeGreaterThanOrEqual(0);
    expect(place(left - 10, note)! + note.length).toBeLessThan(window.width);
    expect(Math.abs(place(left - 10, name)! - (10 + 25))).toBeLessThan(1);
    // It leaves with the frame's end.
    expect(place(right - 60, name) ?? -1).toBeLessThan(0);
  });
});
