/** One sentence over the drawing's upper edge, for what a click could not do. It is spoken, and goes by itself. */
import { el } from './dom.js';

const SHOWN = 10_000;

export class Said {
  /** Always in the page: a region that comes together with its words is not read out. */
  readonly element = el('div', { class: 'ts-said', role: 'status' });
  private timer: ReturnType<typeof setTimeout> | undefined;

  show(sentence: string): void {
    clearTimeout(this.timer);
    this.element.textContent = '';
    this.element.append(el('span', {}, sentence));
    this.timer = setTimeout(() => this.hide(), SHOWN);
  }

  hide(): void {
    clearTimeout(this.timer);
    this.element.textContent = '';
  }
}
