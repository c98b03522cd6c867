/** The line of facts and the controls. */
import type { Facts } from '../model/facts.js';
import { el, icon, logo } from './dom.js';
import { FindBox, type FindActions } from './find/box.js';
import { Menu, type MenuItem } from './menu.js';

export interface HeaderActions extends FindActions {
  direction(direction: 'backward' | 'forward'): void;
  saved(): void;
  hooks(): void;
  fit(): void;
  problem(): void;
  /** By its place in the list that `update` gave; -1: by family. */
  colour(overlay: number): void;
  menu(): MenuItem[];
}

export interface HeaderState {
  direction: 'backward' | 'forward';
  saved: boolean;
  hooks: boolean;
  /** What can be shown as colour, and which is. */
  overlays: string[];
  overlay: number;
}

export class Header {
  readonly element: HTMLElement;
  readonly find: FindBox;
  readonly menu: Menu;
  private readonly backward: HTMLButtonElement;
  private readonly forward: HTMLButtonElement;
  private readonly saved: HTMLButtonElement;
  private readonly hooks: HTMLButtonElement;
  private readonly colour: HTMLSelectElement;

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
    this.find = new FindBox(actions);
    this.menu = new Menu('more', 'More', () => actions.menu());
    this.colour = el('select', {
      'aria-label': 'Colour',
      title: 'Colour (Shift+C)',
      onchange: () => actions.colour(Number(this.colour.value)),
      onkeydown: (event: KeyboardEvent) => event.stopPropagation(),
    });
    const fit = el(
      'button',
      { type: 'button', class: 'ts-iconbutton', title: 'Fit (Shift+F)', 'aria-label': 'Fit', onclick: () => actions.fit() },
      icon('fit', 14),
    ); // prettier-ignore
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
          el('span', { class: 'ts-colour' }, this.colour),
          this.find.element,
          fit,
          this.menu.element,
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
    this.colour.parentElement!.hidden = state.overlays.length === 0;
    this.colour.replaceChildren(
      ...['Family', ...state.overlays].map((label, i) => el('option', { value: i - 1 }, label)),
    );
    this.colour.value = String(state.overlay);
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
