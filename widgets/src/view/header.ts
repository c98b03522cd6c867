/** The line of facts and the controls. */
import type { Facts } from '../model/facts.js';
import type { Direction } from '../model/subject.js';
import { DIRECTIONS, ORDER } from './directions.js';
import { el, icon, logo } from './dom.js';
import { FindBox, type FindActions } from './find/box.js';
import { Menu, type MenuItem } from './menu.js';

export interface HeaderActions extends FindActions {
  direction(direction: Direction): void;
  saved(): void;
  hooks(): void;
  fit(): void;
  problem(): void;
  /** By its place in the list that `update` gave; -1: by family. */
  colour(overlay: number): void;
  menu(): MenuItem[];
}

export interface HeaderState {
  direction: Direction;
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
  private readonly directions: Map<Direction, HTMLButtonElement>;
  private readonly saved: HTMLButtonElement;
  private readonly hooks: HTMLButtonElement;
  private readonly colour: HTMLSelectElement;

  constructor(facts: Facts, offered: ReadonlySet<Direction>, hasGraph: boolean, actions: HeaderActions) {
    this.directions = new Map(
      ORDER.filter(each => offered.has(each) || each === 'forward').map(each => [
        each,
        segment(each, actions),
      ]),
    );
    if (!offered.has('forward')) {
      const forward = this.directions.get('forward')!;
      forward.disabled = true;
      forward.title = 'The forward trace was not recorded';
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
            ...this.directions.values(),
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
    for (const [direction, button] of this.directions) press(button, state.direction === direction);
    press(this.saved, state.saved);
    press(this.hooks, state.hooks);
    this.colour.parentElement!.hidden = state.overlays.length === 0;
    this.colour.replaceChildren(
      ...['Family', ...state.overlays].map((label, i) => el('option', { value: i - 1 }, label)),
    );
    this.colour.value = String(state.overlay);
  }
}

function segment(direction: Direction, actions: HeaderActions): HTMLButtonElement {
  const { label, title } = DIRECTIONS[direction];
  return el('button', { type: 'button', title, onclick: () => actions.direction(direction) }, label);
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
