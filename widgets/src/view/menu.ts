/** A button with a menu below it: arrows walk, a letter jumps, Esc and Tab close. */
import { el, icon } from './dom.js';
import type { IconName } from '../draw/icons.js';

export interface MenuItem {
  label: string;
  /** Key that does the same, as it is shown. */
  key?: string;
  act(): void;
  /** Present where the item is switched on or off. */
  on?: boolean;
  /** A line above it. */
  begins?: boolean;
}

/** To the lower edge of the view, and the height of the lowest list, in pixels. */
const MARGIN = 6;
const LEAST = 100;

export class Menu {
  readonly element = el('div', { class: 'ts-menu' });
  private readonly button: HTMLButtonElement;
  private readonly list = el('div', { class: 'ts-menu-list', role: 'menu', hidden: true });

  /** `items` are asked for each time it opens. */
  constructor(
    name: IconName,
    label: string,
    private readonly items: () => MenuItem[],
  ) {
    this.button = el(
      'button',
      {
        type: 'button',
        class: 'ts-iconbutton',
        title: label,
        'aria-label': label,
        'aria-haspopup': 'menu',
        'aria-expanded': 'false',
        onclick: () => this.toggle(),
      },
      icon(name, 14),
    );
    this.list.setAttribute('aria-label', label);
    this.element.append(this.button, this.list);
    this.element.addEventListener('keydown', event => this.key(event));
    this.element.addEventListener('focusout', event => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.close(false);
    });
  }

  toggle(): void {
    if (this.list.hidden) this.open();
    else this.close(true);
  }

  open(): void {
    this.list.replaceChildren(
      ...this.items().map(item =>
        el(
          'button',
          {
            type: 'button',
            role: item.on === undefined ? 'menuitem' : 'menuitemcheckbox',
            'aria-checked': item.on === undefined ? undefined : String(item.on),
            class: item.begins ? 'ts-begins' : undefined,
            tabindex: -1,
            onclick: () => {
              this.close(true);
              item.act();
            },
          },
          el('span', { class: 'ts-check', 'aria-hidden': 'true' }, item.on ? '✓' : ''),
          el('span', {}, item.label),
          item.key && el('span', { class: 'ts-key', 'aria-hidden': 'true' }, item.key),
        ),
      ),
    );
    this.list.hidden = false;
    this.limit();
    this.button.setAttribute('aria-expanded', 'true');
    this.focus(0);
  }

  /** As high as the view around it lets it be: what is beyond its edge would be cut off. */
  private limit(): void {
    const view = this.element.closest('.ts-view');
    if (!view) return;
    const room = view.getBoundingClientRect().bottom - this.list.getBoundingClientRect().top - MARGIN;
    this.list.style.maxHeight = `${Math.max(LEAST, room)}px`;
  }

  private close(refocus: boolean): void {
    if (this.list.hidden) return;
    this.list.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
    if (refocus) this.button.focus();
  }

  private get buttons(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>('button')];
  }

  private focus(at: number): void {
    const { buttons } = this;
    buttons[(at + buttons.length) % buttons.length]?.focus();
  }

  private key(event: KeyboardEvent): void {
    if (this.list.hidden) {
      if (event.key !== 'ArrowDown') return;
      this.open();
    } else {
      const at = this.buttons.indexOf(document.activeElement as HTMLElement);
      const letter = event.key.length === 1 && /\S/.test(event.key) ? event.key.toLowerCase() : '';
      if (event.key === 'ArrowDown') this.focus(at + 1);
      else if (event.key === 'ArrowUp') this.focus(at - 1);
      else if (event.key === 'Home') this.focus(0);
      else if (event.key === 'End') this.focus(-1);
      else if (event.key === 'Escape') this.close(true);
      else if (letter) {
        const names = this.buttons.map(button => button.children[1]!.textContent!.toLowerCase());
        const next = names.findIndex((_, i) => names[(at + 1 + i) % names.length]!.startsWith(letter));
        if (next >= 0) this.focus(at + 1 + next);
      } else return void event.stopPropagation();
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
