/**
 * What the canvas shows, as a tree grid that a keyboard and a screen reader can walk, and that can be shown beside the
 * drawing. It is in step with the canvas: one row a box, in reading order; in the page are the rows around the
 * selection, or those in sight.
 */
import type { Picture } from '../draw/picture.js';
import { visible } from '../document/text.js';
import { el, icon } from './dom.js';
import { glyphOf } from '../draw/icons.js';
import { COMMANDS, type Command } from './keys.js';
import { Outline } from './outline.js';
import { across, along, port, typeAhead } from './walk.js';
import { cells, nameOf, spoken, type Says } from './words.js';

export interface TwinActions {
  /** A step of a walk. */
  select(box: number): void;
  /** A click. */
  choose(box: number): void;
  toggle(box: number): void;
  enter(box: number): void;
  /** Esc: one step up. False where there is no further one. */
  back(): boolean;
  command(command: Command): void;
}

/** Rows in the page at a time while the outline is not shown. */
const WINDOW = 60;
/** A row's height as the style sheet has it, and how many are kept beyond what is in sight. */
const ROW = 24;
const SPARE = 10;
const TYPING = 800;

let twins = 0;

/** A line of facts may break between them, so that each is whole or away. */
function factCell(text: string): HTMLElement {
  const [first, ...rest] = text.split(' · ').map(fact => el('span', {}, fact));
  const cell = el('span', { role: 'gridcell', class: 'ts-fact', title: text }, first);
  for (const fact of rest) {
    fact.prepend('· ');
    cell.append(' ', fact);
  }
  return cell;
}

export class Twin {
  readonly element: HTMLElement;
  readonly live = el('div', { class: 'ts-hidden', 'aria-live': 'polite' });
  private readonly body = el('div', { role: 'rowgroup', class: 'ts-rows' });
  private readonly prefix = `ts-row-${++twins}-`;
  private picture: Picture | undefined;
  private outlined: Outline | undefined;
  private says: Says | undefined;
  private next: ((picture: Picture) => string) | undefined;
  private rows = new Map<number, HTMLElement>();
  private selected = -1;
  private shown = false;
  private typed = '';
  private typedAt = 0;

  constructor(
    label: string,
    private readonly actions: TwinActions,
  ) {
    this.element = el('div', {
      class: 'ts-twin ts-hidden',
      role: 'treegrid',
      tabindex: 0,
      'aria-label': label,
      'aria-readonly': 'true',
      // The view keeps its keys from the notebook, whose command mode would take plain letters.
      'data-lm-suppress-shortcuts': 'true',
      onkeydown: (event: KeyboardEvent) => this.key(event),
      onscroll: () => this.shown && this.render(),
    });
    this.element.append(this.body);
  }

  /** The rows of the picture; they are sorted when someone first needs them. */
  get outline(): Outline {
    return (this.outlined ??= new Outline(this.picture!));
  }

  /** `says`: of this picture's boxes, as `tell` has it. */
  show(picture: Picture, says: Says | undefined): void {
    this.picture = picture;
    this.says = says;
    this.outlined = undefined;
    this.rows.clear();
    this.selected = -1;
    this.element.setAttribute('aria-rowcount', String(picture.scene.boxes.length));
    this.body.style.height = `${picture.scene.boxes.length * ROW}px`;
    this.render();
    if (this.next) this.announce(this.next(picture));
    this.next = undefined;
  }

  /** What an overlay says is part of each row. */
  tell(says: Says | undefined): void {
    this.says = says;
    this.rows.clear();
    this.render();
  }

  /** Beside the drawing, or for the keyboard and speech alone. */
  display(shown: boolean): void {
    this.shown = shown;
    this.element.classList.toggle('ts-hidden', !shown);
    this.element.classList.toggle('ts-outline', shown);
    this.scrollTo(this.selected);
    this.render();
  }

  /** Marks the row of `box` and says it, if `announce`. */
  select(box: number, announce: boolean): void {
    this.rows.get(this.selected)?.setAttribute('aria-selected', 'false');
    this.selected = box;
    this.scrollTo(box);
    this.render();
    if (announce && box >= 0 && this.picture)
      this.announce(`${spoken(this.picture, box, this.says)}, selected`);
  }

  announce(words: string): void {
    this.live.textContent = visible(words);
  }

  /** Of a picture that is being laid out: said once it is shown, and what was said of the one before is taken back. */
  announceNext(words: (picture: Picture) => string): void {
    this.announce('');
    this.next = words;
  }

  focus(): void {
    this.element.focus({ preventScroll: true });
  }

  private scrollTo(box: number): void {
    if (!this.shown || box < 0) return;
    const top = this.outline.rowOf[box]! * ROW;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + ROW > scrollTop + clientHeight) this.element.scrollTop = top + ROW - clientHeight;
  }

  private get range(): [from: number, to: number] {
    const count = this.picture!.scene.boxes.length;
    if (this.shown) {
      const { scrollTop, clientHeight } = this.element;
      const from = Math.floor(scrollTop / ROW) - SPARE;
      return [Math.max(0, from), Math.min(count, Math.ceil((scrollTop + clientHeight) / ROW) + SPARE)];
    }
    const middle = this.selected >= 0 ? this.outline.rowOf[this.selected]! : 0;
    const from = Math.max(0, Math.min(middle - WINDOW / 2, count - WINDOW));
    return [from, Math.min(count, from + WINDOW)];
  }

  private render(): void {
    const { picture, element } = this;
    if (!picture) return;
    const [from, to] = this.range;
    const kept = new Map<number, HTMLElement>();
    const add = (row: number): void => {
      const box = this.outline.order[row]!;
      kept.set(box, this.rows.get(box) ?? this.row(picture, box, row));
    };
    for (let row = from; row < to; row++) add(row);
    // The row that has the focus is always there, however far it was scrolled away.
    const own = this.selected >= 0 ? this.outline.rowOf[this.selected]! : from;
    if (own < from || own >= to) add(own);
    kept.get(this.selected)?.setAttribute('aria-selected', 'true');
    this.rows = kept;
    this.body.replaceChildren(...kept.values());
    if (this.selected >= 0) element.setAttribute('aria-activedescendant', `${this.prefix}${this.selected}`);
    else element.removeAttribute('aria-activedescendant');
  }

  private row(picture: Picture, box: number, row: number): HTMLElement {
    const { group, open, vertex } = picture.scene.boxes[box]!;
    const { level, place, siblings } = this.outline;
    const [name, ...facts] = cells(picture, box, this.says);
    const mark = group
      ? el('i', {
          class: 'ts-chevron',
          'aria-hidden': 'true',
          onclick: (event: Event) => this.fold(event, box),
        })
      : vertex?.family && icon(glyphOf(vertex.family), 12, vertex.family);
    return el(
      'div',
      {
        role: 'row',
        id: `${this.prefix}${box}`,
        'aria-rowindex': row + 1,
        'aria-level': level[box]!,
        'aria-posinset': place[box]!,
        'aria-setsize': siblings[box]!,
        'aria-expanded': group ? String(open) : undefined,
        'aria-selected': String(box === this.selected),
        'data-key': picture.scene.boxes[box]!.key,
        style: `top:${row * ROW}px;padding-left:${8 + 14 * Math.min(8, level[box]! - 1)}px`,
        onclick: () => this.actions.choose(box),
      },
      el(
        'span',
        { role: 'gridcell', class: group ? 'ts-strong' : undefined, title: name! },
        mark,
        el('span', {}, name),
      ),
      ...facts.map(factCell),
    );
  }

  /** On the chevron alone, not on its row too. */
  private fold(event: Event, box: number): void {
    event.stopPropagation();
    this.actions.toggle(box);
  }

  private key(event: KeyboardEvent): void {
    if (!this.picture || !this.handle(event, this.picture)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private go(box: number): boolean {
    if (box >= 0) this.actions.select(box);
    return true;
  }

  /** Whether the key was the view's. */
  private handle(event: KeyboardEvent, picture: Picture): boolean {
    const { key } = event;
    const { actions, selected } = this;
    if (event.ctrlKey || event.metaKey) {
      if (key.toLowerCase() !== 'c' || selected < 0) return false;
      void navigator.clipboard?.writeText(nameOf(picture, selected));
      return true;
    }
    if (event.altKey) return false;
    const { order } = this.outline;
    if (selected < 0 && ['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Enter'].includes(key))
      return this.go(order[0] ?? -1);
    switch (key) {
      case 'ArrowDown':
      case 'ArrowUp':
        return this.go(along(picture, this.outline, selected, key === 'ArrowDown'));
      case 'ArrowLeft':
      case 'ArrowRight':
        return this.go(across(picture, selected, key === 'ArrowRight'));
      case 'Home':
        return this.go(order[0] ?? -1);
      case 'End':
        return this.go(order[order.length - 1] ?? -1);
      case 'Enter':
        actions.enter(selected);
        return true;
      case 'Escape':
        return actions.back();
    }
    const command = /^[A-Z]$/.test(key) && !event.shiftKey ? undefined : COMMANDS[key];
    if (command) {
      actions.command(command);
      return true;
    }
    if (/^[0-9]$/.test(key) && selected >= 0) return this.go(port(picture, selected, Number(key)));
    return key.length === 1 && key !== ' ' && !event.shiftKey ? this.type(key, picture) : false;
  }

  private type(key: string, picture: Picture): boolean {
    const now = Date.now();
    this.typed = now - this.typedAt > TYPING ? key : this.typed + key;
    this.typedAt = now;
    const { order, rowOf } = this.outline;
    const from = this.selected >= 0 ? rowOf[this.selected]! : -1;
    const row = typeAhead(order.length, at => nameOf(picture, order[at]!), from, this.typed);
    return this.go(row < 0 ? -1 : order[row]!);
  }
}
