/** The line that made a thing, marked, with the cell's text around it. */
import type { Place } from '../../model/model.js';
import { el } from '../dom.js';
import { placeLink } from '../place.js';
import type { PanelContext } from './context.js';

const AROUND = 2;

export function sourceSection(
  { model, go }: PanelContext,
  site: number | undefined,
  bad = false,
): HTMLElement | undefined {
  const place = model.place(site);
  if (!place) return undefined;
  const caller = model.place(place.site.caller);
  return el(
    'section',
    { class: 'ts-source-section' },
    el('h4', {}, 'Source', placeLink(place, go)),
    el(
      'div',
      { class: 'ts-source', tabindex: 0, role: 'group', 'aria-label': 'Source' },
      ...lines(place, bad),
    ),
    place.site.function !== undefined &&
      el('p', { class: 'ts-muted', style: 'margin:4px 0 0' }, `in ${place.site.function}`),
    caller && el('p', { class: 'ts-muted', style: 'margin:4px 0 0' }, 'called from ', placeLink(caller, go)),
  );
}

function lines(place: Place, bad: boolean): HTMLElement[] {
  const source = place.cell?.source?.trimEnd().split('\n');
  const at = place.line;
  if (at === undefined) return [];
  const line = (number: number, text: string): HTMLElement => {
    const marked = number === at;
    const shown = marked ? expression(text, place) : [text];
    return el(
      'div',
      { class: `ts-line${marked ? ' ts-marked' : ''}${marked && bad ? ' ts-bad' : ''}` },
      el('i', {}, String(number)),
      el('span', {}, ...shown),
    );
  };
  if (!source || source[at - 1] === undefined) return place.text === undefined ? [] : [line(at, place.text)];
  const from = Math.max(1, at - AROUND);
  const to = Math.min(source.length, at + AROUND);
  return source.slice(from - 1, to).map((text, i) => line(from + i, text));
}

/** The marked line with the expression underlined, where it is a part of the line. */
function expression(text: string, place: Place): (string | HTMLElement)[] {
  const { column, end_column: end } = place.site;
  if (
    place.cell?.source === undefined ||
    column === undefined ||
    end === undefined ||
    end <= column ||
    end > text.length
  )
    return [text];
  if (column === 0 && end === text.length) return [text];
  return [text.slice(0, column), el('u', {}, text.slice(column, end)), text.slice(end)];
}
