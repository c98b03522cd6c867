/** What the colours mean, what is under the pointer, and the zoom. */
import { FAMILY_WORDS, type Family } from '../model/names.js';
import type { Subject } from '../model/subject.js';
import { LEAF } from '../model/vertices.js';
import { STEPS } from '../draw/palette.js';
import { visible } from '../document/text.js';
import { DIRECTIONS } from './directions.js';
import { el, icon, svg } from './dom.js';
import type { Overlay } from './overlays/overlay.js';

export interface FooterActions {
  zoom(factor: number): void;
  legend(): void;
}

const FAMILIES: Family[] = ['product', 'pointwise', 'reduce', 'view', 'index', 'custom'];

export class Footer {
  readonly element = el('div', { class: 'ts-footer' });
  private readonly meaning = el('div', { class: 'ts-meaning' });
  private readonly pointed = el('span', { class: 'ts-pointed' });
  private readonly zoom = el('span', { class: 'ts-zoom' });
  private readonly legend: HTMLButtonElement;

  constructor(actions: FooterActions) {
    this.legend = el(
      'button',
      { type: 'button', class: 'ts-legend-button', title: 'Legend (Shift+L)', 'aria-expanded': 'false', onclick: () => actions.legend() },
      'Legend',
    ); // prettier-ignore
    const zoom = (name: 'minus' | 'plus', label: string, factor: number): HTMLElement =>
      el(
        'button',
        { type: 'button', class: 'ts-step', title: label, 'aria-label': label, onclick: () => actions.zoom(factor) },
        icon(name, 10),
      ); // prettier-ignore
    this.element.append(
      this.legend,
      this.meaning,
      this.pointed,
      zoom('minus', 'Zoom out (−)', 1 / 1.25),
      this.zoom,
      zoom('plus', 'Zoom in (+)', 1.25),
    );
  }

  update(subject: Subject, overlay: Overlay | undefined): void {
    this.meaning.replaceChildren(...(overlay ? scaleLegend(overlay) : familyLegend(subject)));
  }

  showLegend(shown: boolean): void {
    this.legend.setAttribute('aria-expanded', String(shown));
  }

  /** What is under the pointer, in words. */
  point(words: string): void {
    this.pointed.textContent = visible(words);
  }

  showZoom(zoom: number): void {
    const percent = 100 * zoom;
    const text = `${percent < 1 ? percent.toPrecision(1) : Math.round(percent)} %`;
    // Text that is set anew is laid out anew, even if it is the same.
    if (this.zoom.textContent !== text) this.zoom.textContent = text;
  }
}

function scaleLegend({ label, scale }: Overlay): Node[] {
  const cells = STEPS.map(step => el('i', { class: 'ts-cell', style: `background:var(--ts-${step})` }));
  const none = svg('rect', { x: 0.5, y: 0.5, width: 21, height: 11, rx: 2, fill: 'none', stroke: 'var(--ts-node-line)', 'stroke-dasharray': '3 2' }); // prettier-ignore
  return [
    el('span', {}, label),
    el('span', { class: 'ts-scale', 'aria-hidden': 'true' }, ...cells),
    el('span', { class: 'ts-mono' }, `${scale.from} … ${scale.to}`),
    el('span', {}, svg('svg', { width: 22, height: 12, 'aria-hidden': 'true' }, none), 'None'),
  ];
}

function familyLegend(subject: Subject): Node[] {
  const { kind, hooks, savedBytes, freed } = subject.vertices.columns;
  const present = subject.vertices.families;
  const saved = (released: number): boolean =>
    savedBytes.some((bytes, at) => bytes > 0 && freed[at] === released);
  const outline = {
    x: 0.5,
    y: 0.5,
    width: 19,
    height: 11,
    rx: 5.5,
    fill: 'none',
    stroke: 'var(--ts-node-line)',
  };
  const parts = FAMILIES.filter(family => present.has(family)).map(family =>
    el('span', {}, icon(family, 12, family), FAMILY_WORDS[family]),
  );
  if (kind.includes(LEAF)) {
    const shape = svg('svg', { width: 20, height: 12, 'aria-hidden': 'true' }, svg('rect', outline));
    parts.push(el('span', {}, shape, DIRECTIONS[subject.direction].leaf));
  }
  if (hooks.some(count => count > 0)) parts.push(el('span', {}, icon('hook'), 'hooks'));
  if (saved(0)) parts.push(el('span', {}, icon('saved'), 'bytes saved'));
  if (saved(1))
    parts.push(
      el('span', {}, el('i', { class: 'ts-dot', 'data-state': 'freed', style: 'margin:0' }), 'bytes freed'),
    );
  return parts;
}
