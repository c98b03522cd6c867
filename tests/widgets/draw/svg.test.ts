// @vitest-environment jsdom
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { NONE } from '../../../widgets/src/draw/emphasis.js';
import { ICONS } from '../../../widgets/src/draw/icons.js';
import { SvgSurface, xml } from '../../../widgets/src/draw/svg.js';
import { fileName, lookOf, svgOf, type Exported } from '../../../widgets/src/view/export.js';
import { hub } from '../../bench/graphs/index.js';
import { PALETTE } from '../support/canvas.js';
import { chain, golden, type Loose } from '../support/goldens.js';
import { shown } from '../support/picture.js';

beforeAll(() => {
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
  vi.stubGlobal('Path2D', class {});
});

function exported(document: Loose): Exported {
  const { picture } = shown(document);
  return {
    picture,
    palette: PALETTE,
    look: {
      view: { x: 0, y: 0, zoom: 1 },
      window: { width: 300, height: 60 },
      marks: { saved: true, hooks: true },
      emphasis: NONE,
    },
    title: 'Backward graph of <cell> 1',
    description: '3 nodes & more',
  };
}

function parsed(text: string): Document {
  const document = new DOMParser().parseFromString(text, 'image/svg+xml');
  expect(document.querySelector('parsererror')).toBeNull();
  return document;
}

describe('a picture as SVG', () => {
  it('is well formed, and says what it shows', () => {
    const document = parsed(svgOf(exported(golden('digits')), 'all'));
    expect(document.querySelector('title')!.textContent).toBe('Backward graph of <cell> 1');
    expect(document.querySelector('desc')!.textContent).toBe('3 nodes & more');
    expect(document.documentElement.getAttribute('role')).toBe('img');
  });

  it('has text as text, each name whole', () => {
    const texts = [...parsed(svgOf(exported(golden('small')), 'all')).querySelectorAll('text')];
    expect(texts.map(({ textContent }) => textContent)).toEqual(
      expect.arrayContaining(['Sum', 'Backward0', 'Mul', 'x', 'AccumulateGrad · [3]', 'y']),
    );
  });

  it('holds all of the picture, or what is in the window', () => {
    const count = (extent: 'view' | 'all'): number =>
      parsed(svgOf(exported(golden('digits')), extent)).querySelectorAll('text').length;
    expect(count('view')).toBeLessThan(count('all') / 2);
  });

  it('is escaped: nothing that a document says becomes markup', () => {
    const document = golden('small');
    document.tensors[1].name = '"><script>alert(1)</script>\u0000\ud800';
    const svg = parsed(svgOf(exported(document), 'all'));
    expect(svg.querySelector('script')).toBeNull();
    expect(svg.documentElement.textContent).toContain('<script>alert(1)</script>');
    expect(xml('a\u0001b\ud800c😀')).toBe('a\ufffdb\ufffdc😀');
  });

  it('draws a very large picture from farther away', () => {
    const large = exported(chain(50));
    expect(lookOf(large, 'all').view.zoom).toBe(1);
    const boxes = Array.from({ length: 6000 }, () => large.picture.scene.boxes[0]!);
    const picture = { scene: { boxes }, size: { width: 1e4, height: 1e6 } } as never;
    expect(lookOf({ ...large, picture }, 'all').view.zoom).toBeLessThan(0.5);
  });

  it('draws the corners, circles and dashes of a canvas', () => {
    const surface = new SvgSurface(() => 0);
    surface.beginPath();
    surface.roundRect(0, 0, 10, 10, [3, 0, 0, 3]);
    surface.arc(5, 5, 2);
    surface.setLineDash([4, 3]);
    surface.stroke();
    const path = parsed(surface.file(10, 10, '', '')).querySelector('path')!;
    expect(path.getAttribute('d')).toContain('a3 3 0 0 1');
    expect(path.getAttribute('d')).toContain('a2 2 0 1 0 4 0');
    expect(path.getAttribute('stroke-dasharray')).toBe('4 3');
  });
});

describe('the name of a file', () => {
  it('is one that every file system takes', () => {
    expect(fileName('Backward graph of cell 7', 'svg', 'all')).toBe('Backward-graph-of-cell-7.svg');
    expect(fileName('Backward graph of cell 7', 'svg', 'view')).toBe('Backward-graph-of-cell-7-view.svg');
    expect(fileName('../../etc/passwd', 'png', 'all')).toBe('etc-passwd.png');
    expect(fileName('???', 'png', 'all')).toBe('graph.png');
    expect(fileName('x'.repeat(500), 'svg', 'all').length).toBeLessThan(70);
  });

  it('draws a port as a dashed tag with an arrow, not as the pill of a leaf', () => {
    const of = exported(hub(60) as unknown as Loose);
    const { ports, text } = { ports: of.picture.scene.standsFor.size, text: svgOf(of, 'all') };
    expect(ports).toBeGreaterThan(4);
    expect(text.split('stroke-dasharray="2 2"').length - 1).toBe(ports);
    expect(text.split(`d="${ICONS.port}"`).length - 1).toBe(ports);
    expect(text).toContain('use 2 of ');
  });

  it('draws what gradients flow up on in dashes, beside the lines of values, and the selection’s too', () => {
    const both = shown(golden('columnar'), 'both').picture;
    const of = { ...exported(golden('columnar')), picture: both };
    const edges = (text: string, colour: string): string[] =>
      text.split('\n').filter(line => line.includes(`fill="none" stroke="${colour}" stroke-width="1.`));
    const text = svgOf(of, 'all');
    expect(edges(text, 'edge')).toHaveLength(1);
    expect(edges(text, 'edge')[0]).not.toContain('dasharray');
    const [up] = edges(text, 'ink-2').filter(line => line.includes('stroke-dasharray="5 3"'));
    const routes = both.scene.links.filter(link => link.up && link.count > 0).length;
    expect(up!.split('M').length - 1).toBe(routes);
    const selected = both.scene.links.find(({ up }) => up)!.from;
    const look = { ...of.look, window: { width: 4_000, height: 4_000 }, emphasis: { ...NONE, selected } };
    const chosen = edges(svgOf({ ...of, look }, 'view'), 'select').filter(line =>
      line.includes('width="1.75"'),
    );
    expect(chosen.some(line => line.includes('stroke-dasharray="5 3"'))).toBe(true);
    // From far away dashes are a blot.
    const far = { ...look, view: { x: 0, y: 0, zoom: 0.3 }, emphasis: NONE };
    expect(svgOf({ ...of, look: far }, 'view')).not.toContain('stroke-dasharray="5 3"');
  });
});
