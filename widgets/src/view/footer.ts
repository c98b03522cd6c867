/** The legend: only what is in the picture, and the zoom. */
import { FAMILY_WORDS, type Family } from '../model/names.js';
import type { Subject } from '../model/subject.js';
import { el, icon, svg } from './dom.js';

const FAMILIES: Family[] = ['product', 'pointwise', 'reduce', 'view', 'index', 'custom'];

export class Footer {
  readonly element = el('div', { class: 'ts-footer' });
  private readonly zoom = el('span', { class: 'ts-zoom' });

  update(subject: Subject): void {
    const present = new Set(subject.vertices.map(vertex => vertex.family));
    const has = (test: (vertex: Subject['vertices'][number]) => boolean): boolean =>
      subject.vertices.some(test);
    const outline = {
      x: 0.5,
      y: 0.5,
      width: 19,
      height: 11,
      rx: 5.5,
      fill: 'none',
      stroke: 'var(--ts-node-line)',
    };
    this.element.replaceChildren(
      ...FAMILIES.filter(family => present.has(family)).map(family =>
        el('span', {}, icon(family, 12, family), FAMILY_WORDS[family]),
      ),
      ...(has(vertex => vertex.kind === 'leaf')
        ? [
            el(
              'span',
              {},
              svg('svg', { width: 20, height: 12, 'aria-hidden': 'true' }, svg('rect', outline)),
              subject.direction === 'backward' ? 'leaf' : 'input',
            ),
          ]
        : []),
      el('span', { class: 'ts-space' }),
      ...(has(vertex => vertex.hooks > 0) ? [el('span', {}, icon('hook'), 'hooks')] : []),
      ...(has(vertex => vertex.savedBytes > 0 && !vertex.freed)
        ? [el('span', {}, icon('saved'), 'bytes saved')]
        : []),
      ...(has(vertex => vertex.savedBytes > 0 && vertex.freed)
        ? [
            el(
              'span',
              {},
              el('i', { class: 'ts-dot', 'data-state': 'freed', style: 'margin:0' }),
              'bytes freed',
            ),
          ]
        : []),
      this.zoom,
    );
  }

  showZoom(zoom: number): void {
    this.zoom.textContent = `${Math.round(zoom * 100)} %`;
  }
}
