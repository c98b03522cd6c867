/**
 * What the canvas shows, as a tree grid that a keyboard and a screen reader can walk. It is in step with the canvas:
 * one row a box, in reading order; of large pictures the rows around the selection.
 */
import * as format from '../document/format.js';
import type { Picture } from '../draw/picture.js';
import { summaryText } from '../groups/scene.js';
import { el } from './dom.js';
import { across, along, levelOf, port, readingOrder, typeAhead } from './walk.js';

export interface TwinActions {
  select(box: number): void;
  toggle(box: number): void;
  openPanel(): void;
  /** Esc: one step up. False where there is no further one. */
  back(): boolean;
  find(): void;
  fit(): void;
  zoom(factor: number): void;
  switchSaved(): void;
  switchHooks(): void;
  switchDirection(): void;
  nextFinding(step: 1 | -1): void;
  keys(): void;
}

/** Rows kept in the page at a time. */
const WINDOW = 200;
const TYPING = 800;

let twins = 0;

export class Twin {
  readonly element: HTMLElement;
  readonly live = el('div', { class: 'ts-hidden', 'aria-live': 'polite' });
  private readonly prefix = `ts-row-${++twins}-`;
  private picture: Picture | undefined;
  private order: number[] = [];
  private rowOf = new Map<number, number>();
  private names: string[] = [];
  private selected = -1;
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
    });
  }

  show(picture: Picture): void {
    this.picture = picture;
    this.order = readingOrder(picture);
    this.rowOf = new Map(this.order.map((box, row) => [box, row]));
    this.names = this.order.map(box => nameOf(picture, box));
    this.selected = -1;
    this.element.setAttribute('aria-rowcount', String(this.order.length));
    this.render();
  }

  /** Marks the row of `box` and says it, if `announce`. */
  select(box: number, announce: boolean): void {
    this.selected = box;
    this.render();
    if (announce && box >= 0 && this.picture)
      this.live.textContent = `${spoken(this.picture, box)}, selected`;
  }

  focus(): void {
    this.element.focus({ preventScroll: true });
  }

  private render(): void {
    const { picture } = this;
    if (!picture) return;
    const middle = this.rowOf.get(this.selected) ?? 0;
    const from = Math.max(0, Math.min(middle - WINDOW / 2, this.order.length - WINDOW));
    const rows = this.order.slice(from, from + WINDOW).map((box, i) => this.row(picture, box, from + i));
    this.element.replaceChildren(...rows);
    if (this.selected >= 0)
      this.element.setAttribute('aria-activedescendant', `${this.prefix}${this.selected}`);
    else this.element.removeAttribute('aria-activedescendant');
  }

  private row(picture: Picture, box: number, row: number): HTMLElement {
    const { group, open } = picture.scene.boxes[box]!;
    return el(
      'div',
      {
        role: 'row',
        id: `${this.prefix}${box}`,
        'aria-rowindex': row + 1,
        'aria-level': levelOf(picture, box),
        'aria-expanded': group ? String(open) : undefined,
        'aria-selected': String(box === this.selected),
        'data-key': picture.scene.boxes[box]!.key,
        onclick: () => this.actions.select(box),
      },
      ...cells(picture, box).map(text => el('span', { role: 'gridcell' }, text)),
    );
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
    const { actions, selected, order } = this;
    if (event.ctrlKey || event.metaKey) {
      if (key.toLowerCase() !== 'c' || selected < 0) return false;
      void navigator.clipboard?.writeText(nameOf(picture, selected));
      return true;
    }
    if (event.altKey) return false;
    if (selected < 0 && ['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Enter'].includes(key))
      return this.go(order[0] ?? -1);
    switch (key) {
      case 'ArrowDown':
      case 'ArrowUp':
        return this.go(along(picture, selected, key === 'ArrowDown'));
      case 'ArrowLeft':
      case 'ArrowRight':
        return this.go(across(picture, selected, key === 'ArrowRight'));
      case 'Home':
        return this.go(order[0] ?? -1);
      case 'End':
        return this.go(order[order.length - 1] ?? -1);
      case 'Enter':
        if (picture.scene.boxes[selected]?.group) actions.toggle(selected);
        else actions.openPanel();
        return true;
      case 'Escape':
        return actions.back();
      case '/':
        actions.find();
        return true;
      case '?':
        actions.keys();
        return true;
      case '+':
      case '=':
        actions.zoom(1.25);
        return true;
      case '-':
        actions.zoom(1 / 1.25);
        return true;
    }
    if (/^[0-9]$/.test(key) && selected >= 0) return this.go(port(picture, selected, Number(key)));
    if (event.shiftKey && /^[A-Z]$/.test(key)) return this.command(key);
    return key.length === 1 && key !== ' ' && !event.shiftKey ? this.type(key) : false;
  }

  private command(key: string): boolean {
    const commands: Record<string, () => void> = {
      F: () => this.actions.fit(),
      S: () => this.actions.switchSaved(),
      H: () => this.actions.switchHooks(),
      B: () => this.actions.switchDirection(),
      N: () => this.actions.nextFinding(1),
      P: () => this.actions.nextFinding(-1),
    };
    const run = commands[key];
    run?.();
    return run !== undefined;
  }

  private type(key: string): boolean {
    const now = Date.now();
    this.typed = now - this.typedAt > TYPING ? key : this.typed + key;
    this.typedAt = now;
    const row = typeAhead(this.names, this.rowOf.get(this.selected) ?? -1, this.typed);
    return this.go(row < 0 ? -1 : this.order[row]!);
  }
}

function nameOf(picture: Picture, box: number): string {
  const { vertex, group } = picture.scene.boxes[box]!;
  return vertex?.name ?? group!.name;
}

/** Name, where it belongs and what is known of it: every fact that the canvas shows. */
function cells(picture: Picture, box: number): string[] {
  const { vertex, group, summary } = picture.scene.boxes[box]!;
  if (group) {
    const name = [group.name, group.type, group.times ? `× ${format.count(group.times)}` : '']
      .filter(Boolean)
      .join(' ');
    return [name, summaryText(summary!, picture.scene.direction)];
  }
  const known = vertex!;
  if (known.kind === 'torn') return [known.name];
  return [
    known.kind === 'failed' ? `${known.name}, raised` : known.name,
    known.note || known.shape,
    known.hooks ? format.counted(known.hooks, 'hook') : '',
    known.savedBytes ? `${format.bytes(known.savedBytes)} ${known.freed ? 'freed' : 'saved'}` : '',
  ].filter(Boolean);
}

/** "AddmmBackward0, head, 3 inputs, 2 hooks, 265 KB saved" */
export function spoken(picture: Picture, box: number): string {
  const { vertex, open, group } = picture.scene.boxes[box]!;
  const inputs = picture.leaving[box]!.length;
  const [name, ...rest] = cells(picture, box);
  return [
    name,
    vertex?.module,
    group ? (open ? 'open group' : 'closed group') : undefined,
    inputs && vertex?.kind === 'node' ? format.counted(inputs, 'input') : undefined,
    ...rest,
  ]
    .filter(Boolean)
    .join(', ');
}
