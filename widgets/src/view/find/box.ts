/** Where a search is typed: how many it found, which of them is shown, or what is wrong with it. */
import * as format from '../../document/format.js';
import { el, icon } from '../dom.js';
import type { Found } from './search.js';

export interface FindActions {
  find(query: string): void;
  findNext(step: 1 | -1): void;
  leaveFind(): void;
}

export class FindBox {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly hits = el('span', { class: 'ts-key', 'aria-hidden': 'true' }, '/');
  private readonly spoken = el('span', { class: 'ts-hidden', role: 'status' });
  private readonly fault = el('span', { class: 'ts-fault', hidden: true });
  private readonly steps: HTMLButtonElement[];

  constructor(actions: FindActions) {
    this.input = el('input', {
      type: 'search',
      placeholder: 'Find',
      'aria-label': 'Find a node by name, shape, module or line; /…/ is a regular expression',
      title: 'Name, shape, module, line, /regex/',
      autocomplete: 'off',
      spellcheck: 'false',
      oninput: () => actions.find(this.input.value),
      onkeydown: (event: KeyboardEvent) => {
        event.stopPropagation();
        if (event.key === 'Enter') actions.findNext(event.shiftKey ? -1 : 1);
        else if (event.key === 'Escape') {
          this.input.value = '';
          actions.find('');
          actions.leaveFind();
        } else return;
        event.preventDefault();
      },
    });
    const step = (label: string, by: 1 | -1): HTMLButtonElement =>
      el(
        'button',
        { type: 'button', class: 'ts-step', title: label, 'aria-label': label, hidden: true, onclick: () => actions.findNext(by) },
        icon(by < 0 ? 'up' : 'down', 10),
      ); // prettier-ignore
    this.steps = [step('Previous match (Shift+Enter)', -1), step('Next match (Enter)', 1)];
    this.element = el(
      'div',
      { class: 'ts-find' },
      icon('search'),
      this.input,
      this.hits,
      ...this.steps,
      this.spoken,
      this.fault,
    );
  }

  /** `place`: which of what was found is shown, from 0. */
  show(found: Found, place?: number): void {
    const count = found.state === 'found' ? found.vertices.length : 0;
    const at = place === undefined ? '' : `${format.count(place + 1)}/`;
    this.hits.textContent =
      found.state === 'idle' ? '/' : found.state === 'refused' ? '!' : `${at}${format.count(count)}`;
    this.hits.classList.toggle('ts-none', found.state === 'refused' || (found.state === 'found' && !count));
    this.element.classList.toggle('ts-asked', found.state !== 'idle');
    for (const step of this.steps) step.hidden = count < 2;
    this.spoken.textContent =
      found.state === 'idle'
        ? ''
        : found.state === 'refused'
          ? found.why
          : format.counted(count, 'match', 'matches');
    this.fault.hidden = found.state !== 'refused';
    this.fault.textContent = found.state === 'refused' ? found.why : '';
    this.input.toggleAttribute('aria-invalid', found.state === 'refused');
  }

  focus(): void {
    this.input.focus();
    this.input.select();
  }
}
