/** Says above the drawing what is looked at, when that is not everything, and leads back. */
import { append, el, icon } from './dom.js';
import type { Focus, Target } from './focus.js';

export interface FocusActions {
  widen(by: 1 | -1): void;
  clear(): void;
}

/** What a path needs that has only one end. */
export const waiting = ({ name }: Target): string =>
  `Path from ${name}: choose the other end by a click or Enter`;

export class FocusBar {
  readonly element = el('div', { class: 'ts-focusbar', role: 'group', 'aria-label': 'Focus', hidden: true });

  constructor(private readonly actions: FocusActions) {}

  /** Returns how much lower the drawing begins, now that the strip has come; less than 0 when it went. */
  show(focus: Focus): number {
    const before = this.element.offsetHeight;
    const { now, from } = focus;
    this.element.hidden = !now && !from;
    const focused = this.element.contains(document.activeElement) && document.activeElement?.ariaLabel;
    this.element.replaceChildren();
    if (from) append(this.element, el('span', {}, waiting(from)));
    else if (now) {
      append(this.element, el('span', {}, now.words));
      if (now.kind === 'around')
        append(
          this.element,
          this.button('minus', 'One step less', () => this.actions.widen(-1)),
          this.button('plus', 'One step more', () => this.actions.widen(1)),
        );
    }
    append(
      this.element,
      this.button('close', 'Show everything (Esc)', () => this.actions.clear()),
    );
    // The button that was pressed is there again, and keeps the focus.
    if (focused) this.element.querySelector<HTMLElement>(`[aria-label="${focused}"]`)?.focus();
    return this.element.offsetHeight - before;
  }

  private button(name: 'minus' | 'plus' | 'close', label: string, act: () => void): HTMLElement {
    return el(
      'button',
      { type: 'button', class: 'ts-iconbutton', title: label, 'aria-label': label, onclick: act },
      icon(name),
    );
  }
}
