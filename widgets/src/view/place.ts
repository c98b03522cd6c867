/** A place in the notebook's source: a link where the surroundings can go there, else words. */
import type { Place } from '../model/model.js';
import { el } from './dom.js';

/** Goes to a place and says how that went. */
export type Go = (place: Place) => void;

export function placeLink(place: Place, go: Go | undefined, text = place.where): HTMLElement {
  if (!go || !place.cell) return el('span', { class: 'ts-place' }, text);
  return el(
    'button',
    { type: 'button', class: 'ts-place ts-link', title: `Go to ${place.where}`, onclick: () => go(place) },
    text,
  );
}
