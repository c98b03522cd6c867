/** Explains shapes and badges; opened from the footer. */
import type { Direction } from '../model/subject.js';
import { DIRECTIONS } from './directions.js';
import { el, icon, svg } from './dom.js';

type Shape = SVGElement[];

const line = { fill: 'var(--ts-node)', stroke: 'var(--ts-node-line)' };
const quiet = { fill: 'var(--ts-node)', stroke: 'var(--ts-line-2)' };
const box = (more: Record<string, string | number>): SVGElement =>
  svg('rect', { x: 1.5, y: 3.5, width: 37, height: 13, rx: 3, ...line, ...more });

const SHAPES: [string, () => Shape][] = [
  ['an op’s node; the glyph is its family', () => [box({}), svg('path', { d: 'M12.500 4v12', stroke: 'var(--ts-line-2)' })]],
  ['a leaf: a parameter or an input', () => [box({ rx: 6.5 })]],
  ['a port: stands for a box far away that many lead to', () => [box({ rx: 2, 'stroke-dasharray': '2 2' }), svg('path', { d: 'M7 13l6-6M8 7h5v5', fill: 'none', stroke: 'var(--ts-ink-2)' })]],
  ['an output: where backward begins', () => [box({ rx: 6.5, fill: 'var(--ts-output)', stroke: 'none' })]],
  ['a closed group: Enter opens it', () => [box({ ...quiet, x: 3.5, y: 6, width: 33 }), box({ rx: 4 })]],
  ['× n: so many that are the same', () => [box({ ...quiet, x: 5.5, y: 6.500, width: 29 }), box({ ...quiet, x: 3.5, y: 5, width: 33 }), box({ rx: 4, height: 11 })]],
  ['an open group', () => [box({ rx: 5, fill: 'var(--ts-group)', stroke: 'var(--ts-line-2)' }), svg('path', { d: 'M6 8.500l2.500 2.500 2.500-2.500', fill: 'none', stroke: 'var(--ts-ink-2)', 'stroke-width': 1.25 }), svg('rect', { x: 16, y: 7, width: 17, height: 6, rx: 2, ...line })]],
  ['the op that raised; it made no node', () => [box({ fill: 'none', stroke: 'var(--ts-error)', 'stroke-dasharray': '4 3' })]],
  ['something was left out here', () => [svg('path', { d: 'M2 6l4 3 4-3 4 3 4-3 4 3 4-3 4 3 4-3 4 3M2 12l4 3 4-3 4 3 4-3 4 3 4-3 4 3 4-3 4 3', fill: 'none', stroke: 'var(--ts-node-line)' })]],
]; // prettier-ignore

const sign = (content: Node, words: string): HTMLElement =>
  el('li', {}, el('span', { class: 'ts-sign' }, content), words);

export class Legend {
  readonly element = el('div', {
    class: 'ts-legend',
    role: 'group',
    'aria-label': 'Legend',
    tabindex: 0,
    hidden: true,
  });

  private readonly flow = el('p');

  turn(direction: Direction): void {
    this.flow.textContent = DIRECTIONS[direction].flow;
  }

  toggle(): boolean {
    const { element } = this;
    element.hidden = !element.hidden;
    if (!element.hidden && !element.firstChild) this.fill();
    return !element.hidden;
  }

  private fill(): void {
    const shapes = SHAPES.map(([words, shape]) =>
      sign(svg('svg', { width: 40, height: 20, 'aria-hidden': 'true' }, ...shape()), words),
    );
    const freed = el('i', { class: 'ts-dot', 'data-state': 'freed' });
    const badges = [
      sign(icon('hook', 14), 'hooks on it, and how many'),
      sign(el('span', { class: 'ts-mono' }, '24 B'), 'bytes of its saved variables'),
      sign(freed, 'its saved variables were freed'),
      sign(icon('error', 14, 'error'), 'a finding; ⇧N leads to the next'),
      sign(el('span', { class: 'ts-count' }, '3'), 'found inside a closed group'),
    ];
    this.element.append(
      el('b', {}, 'Shapes'),
      el('ul', {}, ...shapes),
      el('b', {}, 'Badges'),
      el('ul', {}, ...badges),
      this.flow,
    );
  }
}
