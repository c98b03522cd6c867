/** Puts the parts of a view together: header, notes, focus, drawing with its outline and panel, what was left out, footer. */
import { leftOut } from '../model/facts.js';
import type { GraphModel } from '../model/model.js';
import { append, el, icon } from './dom.js';
import type { Go } from './place.js';
import { emptyPage, failureNote, tornEdge } from './states.js';

export interface Parts {
  header: HTMLElement;
  /** A strip above the body, if a part of the picture is looked at. */
  strip: HTMLElement;
  /** Of the body, from the left. */
  body: HTMLElement[];
  /** What is only spoken. */
  live: HTMLElement;
  said: HTMLElement;
  footer: HTMLElement;
}

/** Returns whether there is a graph to draw. */
export function assemble(
  element: HTMLElement,
  model: GraphModel,
  notices: string[],
  parts: Parts,
  go: Go | undefined,
): boolean {
  const { document } = model;
  // Not document.nodes: that would make a row for each.
  const empty = document.tables.nodes.length === 0 && document.tables.ops.length === 0;
  element.setAttribute('data-lm-suppress-shortcuts', 'true');
  append(element, parts.header, ...notices.map(notice));
  if (document.failure) append(element, failureNote(model, go));
  const body = empty ? [emptyPage(model)] : parts.body;
  if (!empty) append(element, parts.strip);
  append(element, el('div', { class: 'ts-body' }, ...body, parts.said));
  if (!empty) append(element, parts.live);
  const missing = leftOut(model);
  if (missing.length)
    append(
      element,
      el('div', { class: 'ts-note ts-left-out', role: 'note' }, tornEdge(), el('p', {}, missing.join(' '))),
    );
  if (empty) element.style.minHeight = '160px';
  else append(element, parts.footer);
  return !empty;
}

function notice(text: string): HTMLElement {
  return el(
    'div',
    { class: 'ts-note', 'data-severity': 'warning', role: 'note' },
    icon('warning', 14),
    el('p', {}, text),
  );
}
