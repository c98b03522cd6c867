/** What is shown where there is no graph to draw, or not the whole of one. */
import { VersionError, type DocumentError } from '../document/parse.js';
import type { GraphModel } from '../model/model.js';
import { el, icon, logo, svg } from './dom.js';
import { placeLink, type Go } from './place.js';

/** In place of everything: the document can't be read. */
export function refusal(error: DocumentError): HTMLElement[] {
  const known = error instanceof VersionError;
  return [
    el(
      'div',
      { class: 'ts-header' },
      logo(),
      el('div', { class: 'ts-lead' }, el('div', { class: 'ts-facts' }, el('b', {}, 'Graph not shown'))),
    ),
    el(
      'div',
      { class: 'ts-note', role: 'alert', 'data-severity': known ? 'warning' : 'error' },
      icon(known ? 'warning' : 'error', 14),
      el(
        'p',
        {},
        known ? '' : el('b', {}, 'The document is broken. '),
        error.message,
        known
          ? ''
          : ' It was changed since it was written, or written by something else: run the cell again.',
      ),
    ),
  ];
}

/** The exception that a cell ended with. */
export function failureNote(model: GraphModel, go: Go | undefined): HTMLElement {
  const failure = model.document.failure!;
  const place = model.place(failure.site);
  return el(
    'div',
    { class: 'ts-note', 'data-severity': 'error', role: 'note' },
    icon('error', 14),
    el(
      'p',
      {},
      el('b', {}, failure.type),
      ...(place ? [' in ', placeLink(place, go)] : []),
      `. ${failure.message}`,
    ),
  );
}

/** In place of the drawing. */
export function emptyPage(model: GraphModel): HTMLElement {
  const { title } = model.document;
  const tensor = model.document.tensors.find(each => each.name === title) ?? model.document.tensors[0];
  const name = title ?? tensor?.name;
  if (name === undefined) {
    return el(
      'div',
      { class: 'ts-empty' },
      el('b', {}, 'No graph.'),
      el('p', {}, 'Nothing in this cell needed a gradient.'),
    );
  }
  const width = Math.min(240, Math.max(64, name.length * 7 + 40));
  const pill = svg(
    'svg',
    { width, height: 30, 'aria-hidden': 'true' },
    svg('rect', {
      x: 0.75,
      y: 0.75,
      width: width - 1.5,
      height: 28,
      rx: 14,
      fill: 'none',
      stroke: 'var(--ts-node-line)',
      'stroke-dasharray': '4 3',
    }),
    svg(
      'text',
      {
        x: width / 2,
        y: 19,
        'text-anchor': 'middle',
        style: 'font:600 11px var(--ts-code-font);fill:var(--ts-ink-1)',
      },
      name,
    ),
  );
  const leaf = tensor?.requires_grad;
  return el(
    'div',
    { class: 'ts-empty' },
    pill,
    el(
      'b',
      {},
      leaf ? `${name} is a leaf: nothing was computed from it yet.` : `${name} is a leaf without gradient.`,
    ),
    leaf
      ? el('p', {}, 'Its graph begins with the first operation on it.')
      : el(
          'p',
          {},
          'Nothing was recorded for it. To record: ',
          el('code', { class: 'ts-mono' }, `${name}.requires_grad_()`),
        ),
  );
}

/** The drawing ends torn where the document left things out. */
export function tornEdge(): SVGElement {
  const tooth = { id: `ts-tooth-${++edges}`, width: 16, height: 5, patternUnits: 'userSpaceOnUse' };
  const path = (fill: string, stroke: string, d: string): SVGElement => svg('path', { d, fill, stroke });
  return svg(
    'svg',
    { class: 'ts-torn-edge', 'aria-hidden': 'true' },
    svg(
      'pattern',
      tooth,
      path('var(--ts-well)', 'none', 'M0 .5L8 4.5L16 .5V5H0z'),
      path('none', 'var(--ts-line-2)', 'M-2 -.5L0 .5L8 4.5L16 .5L18 -.5'),
    ),
    svg('rect', { width: '100%', height: 5, fill: `url(#${tooth.id})` }),
  );
}

let edges = 0;
