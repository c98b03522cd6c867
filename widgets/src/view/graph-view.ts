/**
 * The view of one document, whatever it is: parses it, and shows it or says why not. It knows nothing of Jupyter; where
 * it stands is behind `host`. Far from the screen it sleeps: it keeps its height, its memory and some words, and nothing else.
 */
import { DocumentError, parse } from '../document/parse.js';
import { StaticHost, type Host } from '../live/host.js';
import { GraphModel } from '../model/model.js';
import { asleep } from './asleep.js';
import { el } from './dom.js';
import type { Memory } from './memory.js';
import { Shown } from './shown.js';
import { refusal } from './states.js';

export type { Memory } from './memory.js';

/** How far off the screen a view falls asleep, and how long after. */
const FAR = '150% 0px';
const DROWSY = 2_000;

export class GraphView {
  readonly element = el('div', { class: 'ts-view' });
  private shown: Shown | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly sight: IntersectionObserver | undefined;

  constructor(
    parent: Element,
    private readonly data: unknown,
    private readonly host: Host = new StaticHost(),
    private readonly memory: Memory = {},
  ) {
    parent.append(this.element);
    this.wake();
    if (!this.shown || typeof IntersectionObserver !== 'function') return;
    this.sight = new IntersectionObserver(entries => this.moved(entries.at(-1)!.isIntersecting), {
      rootMargin: FAR,
    });
    this.sight.observe(this.element);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.sight?.disconnect();
    this.shown?.dispose();
    this.element.remove();
  }

  private wake(): void {
    try {
      const { document, notices } = parse(this.data);
      this.shown = new Shown(this.element, new GraphModel(document), notices, this.host, this.memory);
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      this.element.append(...refusal(error));
    }
  }

  private moved(near: boolean): void {
    clearTimeout(this.timer);
    if (near && !this.shown) {
      this.element.replaceChildren();
      this.wake();
    } else if (!near && this.shown) this.timer = setTimeout(() => this.sleep(), DROWSY);
  }

  private sleep(): void {
    if (!this.shown || this.shown.inUse) return;
    // What is out of sight must not move what is in sight: the box stays as large as it is.
    this.memory.height = this.element.offsetHeight;
    const words = asleep(this.shown.words());
    this.shown.dispose();
    this.shown = undefined;
    this.element.replaceChildren(words);
    this.element.style.height = `${this.memory.height}px`;
  }
}
