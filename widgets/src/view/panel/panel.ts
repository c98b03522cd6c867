/** The margin note of the selected thing; says at its top what state the kernel is in. */
import type { Box } from '../../groups/scene.js';
import type { Host } from '../../live/host.js';
import type { Answer, Params } from '../../live/protocol.js';
import type { GraphModel } from '../../model/model.js';
import type { Subject } from '../../model/subject.js';
import type { Strip } from '../../model/torn.js';
import { append, el, icon } from '../dom.js';
import { KEYS } from '../keys.js';
import type { Go } from '../place.js';
import { kernelNote } from './notes.js';
import { pageOf, type Leads } from './pages.js';
import { waysRow } from './ways.js';

/** An answer that takes longer is worth a word. */
const LATE = 300;

export class Panel {
  readonly element = el('aside', { class: 'ts-panel', 'aria-label': 'Selected', hidden: true, tabindex: -1 });
  private readonly state = el('div', { role: 'status' });
  private page = 0;
  private pending = 0;
  private slow = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private current: { box: Box; subject: Subject; strips: Strip[] } | undefined;
  /** Whether a kernel is being started; else why it was not. */
  private starting: 'no' | 'yes' | { failed: string } = 'no';
  private lastState: string;
  private readonly unlisten: () => void;

  constructor(
    private readonly model: GraphModel,
    private readonly host: Host,
    private readonly leads: Leads,
    private readonly go?: Go,
  ) {
    this.lastState = host.state;
    this.unlisten = host.onChange(() => this.hostChanged());
  }

  get shown(): boolean {
    return !this.element.hidden;
  }

  show(box: Box, subject: Subject, strips: Strip[]): void {
    this.turn();
    this.current = { box, subject, strips };
    const page = this.page;
    const context = {
      model: this.model,
      subject,
      strips,
      host: this.host,
      go: this.go,
      ask: <Result>(method: string, params: Params): Promise<Answer<Result>> =>
        this.ask(page, method, params),
      shown: () => this.page === page,
    };
    const { title, notes, sections } = pageOf(context, box, this.leads);
    const focused = this.element.contains(document.activeElement);
    const ways = box.vertex?.kind === 'torn' ? [] : [waysRow(kind => this.leads.look(kind))];
    this.element.replaceChildren(title, ...ways, this.state, ...notes);
    append(this.element, ...sections);
    this.element.hidden = false;
    this.element.scrollTop = 0;
    this.renderState();
    if (focused) this.element.focus();
  }

  showKeys(): void {
    this.turn();
    this.current = undefined;
    const close = el(
      'button',
      {
        type: 'button',
        class: 'ts-iconbutton',
        'aria-label': 'Close the panel',
        onclick: () => this.leads.close(),
      },
      icon('close'),
    );
    const title = el(
      'div',
      { class: 'ts-title' },
      el('h3', {}, el('span', {}, 'Keys'), el('span', { class: 'ts-id' }), close),
    );
    const list = KEYS.flatMap(([key, does]) => [
      el('dt', {}, el('span', { class: 'ts-key' }, key)),
      el('dd', {}, does),
    ]);
    this.element.replaceChildren(title, el('section', {}, el('dl', { class: 'ts-keys' }, ...list)));
    this.element.hidden = false;
    this.element.scrollTop = 0;
    this.element.focus();
  }

  hide(): void {
    this.turn();
    this.current = undefined;
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  dispose(): void {
    this.turn();
    this.unlisten();
    this.element.remove();
  }

  /** What was asked for the page before has no one to answer to. */
  private turn(): void {
    this.page++;
    this.pending = 0;
    this.slow = false;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async ask<Result>(page: number, method: string, params: Params): Promise<Answer<Result>> {
    this.pending++;
    this.timer ??= setTimeout(() => {
      this.slow = this.pending > 0;
      this.renderState();
    }, LATE);
    try {
      return await this.host.request<Result>(method, params);
    } finally {
      if (this.page === page && --this.pending === 0) {
        clearTimeout(this.timer);
        this.timer = undefined;
        this.slow = false;
        this.renderState();
      }
    }
  }

  private renderState(): void {
    const focused = this.state.contains(document.activeElement);
    this.state.replaceChildren(...kernelNote(this.host, this.slow, this.beginning()));
    // A focus is not lost with the button that had it.
    if (focused) (this.state.querySelector('button') ?? this.element).focus();
  }

  /** What starts a kernel, and how that goes. */
  private beginning(): HTMLElement | undefined {
    const { host, starting } = this;
    if (!host.start) return undefined;
    const under = starting === 'yes';
    const button = el(
      'button',
      {
        type: 'button',
        class: 'ts-button',
        'aria-disabled': under && 'true',
        onclick: () => void this.begin(),
      },
      under ? 'Starting…' : 'Start kernel',
    );
    return el(
      'div',
      { class: 'ts-begin' },
      button,
      typeof starting === 'object' && el('p', { class: 'ts-error', role: 'alert' }, starting.failed),
    );
  }

  private async begin(): Promise<void> {
    if (this.starting === 'yes') return;
    this.starting = 'yes';
    this.renderState();
    try {
      await this.host.start?.();
      this.starting = 'no';
    } catch (error) {
      this.starting = {
        failed: `It did not start: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
    this.renderState();
  }

  /** Busy and live come and go with each cell; any other change makes the page another one. */
  private hostChanged(): void {
    const calm = (state: string): string => (state === 'busy' ? 'live' : state);
    const changed = calm(this.lastState) !== calm(this.host.state);
    this.lastState = this.host.state;
    if (changed && this.current) this.show(this.current.box, this.current.subject, this.current.strips);
    else this.renderState();
  }
}
