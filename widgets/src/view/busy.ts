/**
 * Work on a picture that a person would wait for. It begins once the page shows that something is going on, as it
 * then keeps the page from drawing; a picture that is made soon needs no sign.
 */
import { el } from './dom.js';

/** From this many vertices on, opening all or turning takes longer than a person takes for "at once". */
const MANY = 20_000;

export class Busy {
  private readonly sign = el('div', { class: 'ts-working', 'aria-hidden': 'true' }, 'Drawing…');
  private last = 0;

  constructor(private readonly view: HTMLElement) {}

  /** The picture is being made; what a screen reader would read of it is not yet true. */
  begin(): void {
    this.view.setAttribute('aria-busy', 'true');
    if (!this.sign.isConnected) this.view.append(this.sign);
  }

  /** The picture is there. */
  end(): void {
    this.last++;
    this.view.removeAttribute('aria-busy');
    this.sign.remove();
  }

  /** Does `work` with so many vertices, now or once the sign is on the page; not at all if it ended before. */
  run(vertices: number, work: () => void): void {
    if (vertices < MANY) return work();
    this.begin();
    const mine = ++this.last;
    // After the first frame that has it.
    requestAnimationFrame(() => setTimeout(() => mine === this.last && work()));
  }
}
