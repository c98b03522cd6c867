/** A histogram with its ends and zero written, and what is not finite beside it. */
import * as format from '../../document/format.js';
import { svg } from '../dom.js';

export interface Histogram {
  edges: number[];
  counts: number[];
  nan: number;
  inf: number;
}

const WIDTH = 295;
const HEIGHT = 34;

export function histogram(data: Histogram): SVGElement {
  const { edges, counts } = data;
  const bad = data.nan + data.inf;
  const width = bad ? WIDTH - 58 : WIDTH;
  const most = Math.max(1, ...counts);
  const bar = width / Math.max(1, counts.length);
  const [low, high] = [edges[0]!, edges[edges.length - 1]!];
  const parts: SVGElement[] = counts.map((n, i) => {
    const height = n === 0 ? 0 : Math.max(1, (HEIGHT * n) / most);
    const rect = {
      x: (i * bar).toFixed(2),
      y: (HEIGHT - height).toFixed(2),
      width: Math.max(0.5, bar - 1).toFixed(2),
      height: height.toFixed(2),
      fill: 'var(--ts-m1)',
    };
    const title = `${format.number(edges[i]!)} to ${format.number(edges[i + 1]!)}: ${format.count(n)}`;
    return svg('rect', rect, svg('title', {}, title));
  });
  parts.push(svg('path', { d: `M0 ${HEIGHT + 0.5}H${width}`, stroke: 'var(--ts-line-2)', fill: 'none' }));
  const mark = (x: number, text: string, anchor: string): void => {
    parts.push(svg('path', { d: `M${x} ${HEIGHT}v3`, stroke: 'var(--ts-ink-3)', fill: 'none' }));
    parts.push(svg('text', { x, y: HEIGHT + 13, 'text-anchor': anchor }, text));
  };
  mark(0.5, format.number(low), 'start');
  mark(width - 0.5, format.number(high), 'end');
  const zero = (width * (0 - low)) / (high - low);
  if (low < 0 && high > 0 && zero > 52 && zero < width - 52) mark(zero, '0', 'middle');
  if (bad) {
    const x = WIDTH - 36;
    parts.push(
      svg('path', { d: `M${x - 6} ${HEIGHT + 0.5}H${WIDTH}`, stroke: 'var(--ts-line-2)', fill: 'none' }),
    );
    const height = Math.max(2, Math.min(HEIGHT, (HEIGHT * bad) / most));
    parts.push(svg('rect', { x, y: HEIGHT - height, width: 24, height, fill: 'var(--ts-error)' }));
    const text = data.nan ? `${format.count(data.nan)} NaN` : `${format.count(data.inf)} inf`;
    parts.push(
      svg(
        'text',
        { x: x + 12, y: HEIGHT + 13, 'text-anchor': 'middle', style: 'fill:var(--ts-error)' },
        text,
      ),
    );
  }
  const label = `Histogram of ${format.count(counts.reduce((a, b) => a + b, 0))} values from ${format.number(low)} to ${format.number(high)}`;
  return svg(
    'svg',
    { class: 'ts-histogram', viewBox: `0 0 ${WIDTH} ${HEIGHT + 16}`, role: 'img', 'aria-label': label },
    ...parts,
  );
}
