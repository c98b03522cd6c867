/** The line of facts and the controls. */
import * as format from '../document/format.js';
import type { Facts } from '../model/facts.js';
import { el, icon, logo } from './dom.js';

export interface HeaderActions {
  direction(direction: 'backward' | 'forward'): void;
  saved(): void;
  hooks(): void;
  find(query: string): void;
  findNext(step: 1 | -1): void;
  leaveFind(): void;
  zoom(factor: number): void;
  fit(): void;
  problem(): void;
}

export interface HeaderState {
  direction: 'backward' | 'forward';
  saved: boolean;
  hooks: boolean;
}

export class Header {
  readonly element: HTMLElement;
  private readonly backward: HTMLButtonElement;
  private readonly forward: HTMLButtonElement;
  private readonly saved: HTMLButtonElement;
  private readonly hooks: HTMLButtonElement;
  private readonly find: HTMLInputElement;
  private readonly hits = el('span', { class: 'ts-key', 'aria-hidden': 'true' }, '/');
  private readonly spoken = el('span', { class: 'ts-hidden', role: 'status' });

  constructor(facts: Facts, hasTrace: boolean, hasGraph: boolean, actions: HeaderActions) {
    this.backward = el(
      'button',
      { type: 'button', onclick: () => actions.direction('backward') },
      'Backward',
    );
    this.forward = el('button', { type: 'button', onclick: () => actions.direction('forward') }, 'Forward');
    if (!hasTrace) {
      this.forward.disabled = true;
      this.forward.title = 'The forward trace was not recorded';
    }
    this.saved = toggle('saved', 'Saved', 'Saved variables (Shift+S)', () => actions.saved());
    this.hooks = toggle('hook', 'Hooks', 'Hooks (Shift+H)', () => actions.hooks());
    this.find = el('input', {
      type: 'search',
      placeholder: 'Find',
      'aria-label': 'Find a node by name, shape, module or line; /…/ is a regular expression',
      title: 'Name, shape, module, line, /regex/',
      oninput: () => actions.find(this.find.value),
      onkeydown: (event: KeyboardEvent) => {
        event.stopPropagation();
        if (event.key === 'Enter') actions.findNext(event.shiftKey ? -1 : 1);
        else if (event.key === 'Escape') {
          this.find.value = '';
          actions.find('');
          actions.leaveFind();
        } else return;
        event.preventDefault();
      },
    });
    const tools = hasGraph
      ? el(
          'div',
          { class: 'ts-tools' },
          el(
            'div',
            { class: 'ts-segments', role: 'group', 'aria-label': 'Direction' },
            this.backward,
            this.forward,
          ),
          this.saved,
          this.hooks,
          el('label', { class: 'ts-find' }, icon('search'), this.find, this.hits, this.spoken),
          button('minus', 'Zoom out (−)', () => actions.zoom(1 / 1.25)),
          button('plus', 'Zoom in (+)', () => actions.zoom(1.25)),
          button('fit', 'Fit (Shift+F)', () => actions.fit()),
        )
      : undefined;
    this.element = el('div', { class: 'ts-header' }, logo(), lead(facts, actions), tools);
  }

  update(state: HeaderState): void {
    const press = (element: HTMLElement, on: boolean): void =>
      element.setAttribute('aria-pressed', String(on));
    press(this.backward, state.direction === 'backward');
    press(this.forward, state.direction === 'forward');
    press(this.saved, state.saved);
    press(this.hooks, state.hooks);
  }

  /** How many a search found; undefined: nothing is searched for. */
  showFound(count: number | undefined): void {
    this.hits.textContent = count === undefined ? '/' : format.count(count);
    this.hits.classList.toggle('ts-none', count === 0);
    this.spoken.textContent = count === undefined ? '' : format.counted(count, 'match', 'matches');
  }

  focusFind(): void {
    this.find.focus();
    this.find.select();
  }
}

function toggle(name: 'saved' | 'hook', word: string, title: string, act: () => void): HTMLButtonElement {
  return el(
    'button',
    { type: 'button', class: 'ts-toggle', title, 'aria-label': word, onclick: act },
    icon(name),
    el('span', {}, word),
  );
}

function button(name: 'fit' | 'plus' | 'minus', label: string, act: () => void): HTMLButtonElement {
  return el(
    'button',
    { type: 'button', class: 'ts-iconbutton', title: label, 'aria-label': label, onclick: act },
    icon(name, 14),
  );
}

/** The facts, those at the right the first to go where there is no room, and the worst finding, which stays. */
function lead(facts: Facts, actions: HeaderActions): HTMLElement {
  const line = el('div', { class: 'ts-facts' }, el('b', { title: facts.subject }, facts.subject));
  for (const item of facts.items) line.append(el('span', {}, item));
  const { problem } = facts;
  if (!problem) return el('div', { class: 'ts-lead' }, line);
  const more = problem.more > 0 ? ` + ${problem.more}` : '';
  const pill = el(
    'button',
    {
      type: 'button',
      class: 'ts-pill',
      'data-severity': problem.severity,
      title: `${problem.text}${more}: show it`,
      onclick: () => actions.problem(),
    },
    icon(problem.severity),
    el('span', {}, problem.text + more),
  );
  return el('div', { class: 'ts-lead' }, line, pill);
}
