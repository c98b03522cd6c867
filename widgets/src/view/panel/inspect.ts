/**
 * One tensor, asked of the kernel: statistics and histogram at once, values when a button is pressed. What the
 * document knows is shown until an answer comes, and stays where none can.
 */
import type { Ref, Stats } from '../../generated/document.js';
import * as format from '../../document/format.js';
import { RequestError } from '../../live/host.js';
import {
  readBuffer,
  type Answer,
  type HistogramAnswer,
  type Params,
  type StatsAnswer,
  type ValuesAnswer,
} from '../../live/protocol.js';
import { append, el, icon } from '../dom.js';
import type { PanelContext } from './context.js';
import { histogram } from './histogram.js';
import { statisticsLine } from './statistics.js';

/** Rows and columns of values shown: as many as the panel is wide. */
const CORNER = { rows: 8, columns: 6 };

export interface Subject {
  on: Ref;
  name: string;
  shape: number[];
  /** From the document. */
  stats: Stats | undefined;
  /** The version that the document shows: whether it was written since, the kernel tells by it. */
  version: number | undefined;
  /** In words, if it is known without asking that there is nothing to ask for. */
  unavailable: string | undefined;
}

export function inspect(context: PanelContext, subject: Subject): HTMLElement {
  const element = el('div', { class: 'ts-inspect' });
  new Inspection(context, subject, element).begin();
  return element;
}

class Inspection {
  /** Set by the button that runs a pack hook's counterpart, and by nothing else. */
  private unpack = false;
  /** Of what is on the screen: the document's, then that of the last answer. */
  private version: number | undefined;

  constructor(
    private readonly context: PanelContext,
    private readonly subject: Subject,
    private readonly element: HTMLElement,
  ) {
    this.version = subject.version;
  }

  begin(): void {
    const { subject, context } = this;
    const { state } = context.host;
    const stored = subject.stats ? [statisticsLine(subject.stats, subject.name)] : [];
    if (subject.unavailable !== undefined) {
      this.element.replaceChildren(...stored, ...(stored.length ? [] : [words(subject.unavailable)]));
      return;
    }
    if (state !== 'live' && state !== 'busy') {
      this.element.replaceChildren(...(stored.length ? stored : [words('No statistics were stored.')]));
      return;
    }
    this.element.replaceChildren(...stored, words('Statistics are asked for…'));
    void this.load();
  }

  private params(more: Record<string, unknown> = {}): Params {
    const { version, unpack } = this;
    return {
      on: this.subject.on,
      ...(version === undefined ? {} : { version }),
      ...(unpack ? { unpack } : {}),
      ...more,
    };
  }

  private async load(): Promise<void> {
    const { context, subject } = this;
    try {
      const [stats, counted] = await Promise.all([
        context.ask<StatsAnswer>('stats', this.params()),
        // An older kernel may lack it, a limit may forbid it: the statistics are shown all the same.
        context.ask<HistogramAnswer>('histogram', this.params()).catch(() => undefined),
      ]);
      if (!context.shown()) return;
      const { result } = stats;
      const parts: Element[] = [statisticsLine({ shape: result.shape, ...result.stats }, subject.name)];
      if (result.changed) parts.push(changed('It was written since the document was made', result.version));
      this.version = result.version;
      const drawn = counted && this.histogram(counted);
      if (drawn) parts.push(drawn);
      parts.push(this.valuesButton(result.shape));
      this.element.setAttribute('data-live', 'true');
      this.element.replaceChildren(...parts);
    } catch (error) {
      if (context.shown()) this.failed(error);
    }
  }

  private histogram({ result, buffers }: Answer<HistogramAnswer>): Element | undefined {
    const edges = readBuffer(result.edges, buffers);
    const counts = readBuffer(result.counts, buffers);
    if (counts.length < 2 || edges.length !== counts.length + 1 || !(edges[edges.length - 1]! > edges[0]!))
      return undefined;
    return histogram({ edges, counts, nan: result.nan, inf: result.inf });
  }

  /** What the protocol's errors mean here, in words. */
  private failed(error: unknown): void {
    const { subject } = this;
    const stored = subject.stats ? [statisticsLine(subject.stats, subject.name)] : [];
    const code = error instanceof RequestError ? error.code : 'failed';
    const said = error instanceof Error ? error.message : String(error);
    if (code === 'hooked') {
      const press = (): void => {
        this.unpack = true;
        this.begin();
      };
      this.element.replaceChildren(
        words('A pack hook holds it. Looking does not run hooks.'),
        el('button', { type: 'button', class: 'ts-button', onclick: press }, 'Run the unpack hook'),
      );
      return;
    }
    const wordsOf: Record<string, string | undefined> = {
      freed: 'Freed.',
      gone: 'Gone: the object no longer exists. What the document holds stays.',
      absent: 'None.',
      cancelled: '',
      stale: '',
      unknown: '',
    };
    const text = wordsOf[code] ?? said;
    this.element.replaceChildren(...stored, ...(text ? [words(text)] : []));
    if (code === 'busy') {
      const retry = Number((error as RequestError).data.retry_ms) || 500;
      setTimeout(() => this.context.shown() && void this.load(), Math.min(retry, 5000));
    }
  }

  private valuesButton(shape: number[]): HTMLElement {
    const holder = el('div');
    const press = async (): Promise<void> => {
      button.disabled = true;
      try {
        const last = shape.length - 1;
        const index = shape.map((size, i) => [
          0,
          Math.min(size, i === last ? CORNER.columns : i === last - 1 ? CORNER.rows : 1),
          1,
        ]);
        const answer = await this.context.ask<ValuesAnswer>(
          'values',
          this.params(shape.length ? { index } : {}),
        );
        if (!this.context.shown()) return;
        const { changed: written, version } = answer.result;
        // The statistics above are of the version before.
        const note = written ? [changed('It was written since the statistics were taken', version)] : [];
        holder.replaceChildren(...note, ...valueTable(answer, shape));
      } catch (error) {
        if (this.context.shown()) holder.replaceChildren(words((error as Error).message));
      }
    };
    const button = el(
      'button',
      { type: 'button', class: 'ts-button ts-show-values', onclick: () => void press() },
      'Values',
    );
    append(holder, button);
    return holder;
  }
}

function words(text: string): HTMLElement {
  return el('div', { class: 'ts-stat ts-muted' }, text);
}

function changed(what: string, version: number): HTMLElement {
  return el('div', { class: 'ts-stat ts-changed' }, icon('warning'), ` ${what}: version ${version} now.`);
}

function valueTable({ result, buffers }: Answer<ValuesAnswer>, shape: number[]): Element[] {
  const values = readBuffer(result.values, buffers);
  const columns = result.values.shape[result.values.shape.length - 1] ?? 1;
  const rows = Math.ceil(values.length / Math.max(1, columns));
  const whole = shape.reduce((a, b) => a * b, 1) === values.length;
  const table = el('table', {});
  for (let r = 0; r < rows; r++) {
    const row = values.slice(r * columns, (r + 1) * columns);
    append(
      table,
      el('tr', {}, ...row.map(value => el('td', { title: String(value) }, format.number(value)))),
    );
  }
  const slice = result.index
    .map(([start, stop]) => (stop - start === 1 ? String(start) : `${start}:${stop}`))
    .join(', ');
  const scroll = el(
    'div',
    { class: 'ts-values', tabindex: 0, role: 'region', 'aria-label': 'Values' },
    table,
  );
  return whole ? [scroll] : [scroll, words(`[${slice}] of ${format.shape(shape)}`)];
}
