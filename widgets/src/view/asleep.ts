/** What a view far off the screen leaves on the page: words that the browser's own search finds, and nothing drawn. */
import { el } from './dom.js';

/** Of a hundred views on one page each keeps no more than a page of text. */
const MOST = 4_000;

/**
 * Hidden until it is found: the browser then shows it and scrolls there, and what is near the screen wakes. It takes no
 * place, so nothing moves.
 */
export function asleep(words: Iterable<string>): HTMLElement {
  const kept = new Set<string>();
  let length = 0;
  for (const word of words) {
    if (!word || kept.has(word)) continue;
    if ((length += word.length + 3) > MOST) break;
    kept.add(word);
  }
  return el('p', { class: 'ts-asleep', hidden: 'until-found' }, [...kept].join(' · '));
}
