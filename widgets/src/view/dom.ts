/** Builds elements. Text goes in as text, made visible; nothing from a document is ever parsed as markup. */
import { visible } from '../document/text.js';
import { ICONS, type IconName } from '../draw/icons.js';

export type Content = Node | string | undefined | false;

export interface Attributes {
  class?: string | undefined;
  title?: string;
  [name: string]: string | number | boolean | undefined | ((event: never) => void);
}

/** An element with attributes, listeners (`onclick: …`) and children. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Content[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else
      element.setAttribute(
        name,
        value === true ? '' : typeof value === 'string' ? visible(value) : String(value),
      );
  }
  append(element, ...children);
  return element;
}

export function append(parent: Element, ...children: Content[]): void {
  for (const child of children) {
    if (child === undefined || child === false) continue;
    parent.append(typeof child === 'string' ? document.createTextNode(visible(child)) : child);
  }
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(
  tag: string,
  attributes: Record<string, string | number>,
  ...children: (Node | string)[]
): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children.map(child => (typeof child === 'string' ? visible(child) : child)));
  return element;
}

/** An icon beside a word; with `label`, one that stands alone. */
export function icon(name: IconName, size = 12, colour?: string, label?: string): SVGElement {
  const element = svg(
    'svg',
    { class: 'ts-icon', width: size, height: size, viewBox: '0 0 12 12' },
    svg('path', { d: ICONS[name] }),
  );
  if (colour) element.style.color = `var(--ts-${colour})`;
  if (label) {
    element.setAttribute('role', 'img');
    element.setAttribute('aria-label', label);
  } else element.setAttribute('aria-hidden', 'true');
  return element;
}

export function logo(): SVGElement {
  const stroke = { fill: 'none', stroke: 'currentColor', 'stroke-width': 1.4, 'stroke-linecap': 'round' };
  return svg(
    'svg',
    {
      width: 14,
      height: 16,
      viewBox: '0 0 14 16',
      'aria-hidden': 'true',
      class: 'ts-logo',
      style: 'flex:none',
    },
    svg('path', { ...stroke, d: 'M5.6 8.2L3.3 12M8.4 8.2l2.3 3.8' }),
    svg('circle', { cx: 7, cy: 4.3, r: 3.3, fill: 'none', stroke: 'var(--ts-select)', 'stroke-width': 1.8 }),
    svg('circle', { cx: 2.6, cy: 13.4, r: 1.6, fill: 'currentColor' }),
    svg('circle', { cx: 11.4, cy: 13.4, r: 1.6, fill: 'currentColor' }),
  );
}
