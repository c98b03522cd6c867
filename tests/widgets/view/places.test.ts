// @vitest-environment jsdom
/** Places that are links, a kernel that is started, and values that were written since. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StaticHost, type Host } from '../../../widgets/src/live/host.js';
import { GraphView } from '../../../widgets/src/view/graph-view.js';
import { golden, type Loose } from '../support/goldens.js';
import { FakeHost } from '../support/host.js';

let view: GraphView | undefined;

beforeEach(() => {
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
});

afterEach(() => {
  view?.dispose();
  view = undefined;
  document.body.replaceChildren();
});

const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 0));

/** Shows a document with the first box of that name selected. */
function selected(data: Loose, name: string, host: Host = new StaticHost()): HTMLElement {
  view = new GraphView(document.body, data, host);
  const rows = [...view.element.querySelectorAll<HTMLElement>('[role=row]')];
  rows.find(row => row.firstChild!.textContent!.startsWith(name))!.click();
  return view.element;
}

function alive(): Loose {
  const data = golden('digits');
  for (const node of data.nodes) (delete node.state, delete node.released_by);
  for (const row of data.saved) delete row.state;
  return data;
}

describe('places', () => {
  it('are buttons that lead to the cell and its line', async () => {
    const host = new FakeHost();
    host.goTo = vi.fn(() => Promise.resolve('found' as const));
    const element = selected(golden('small'), 'MulBackward0', host);
    const link = element.querySelector<HTMLButtonElement>('.ts-source-section .ts-link')!;
    expect(link.tagName).toBe('BUTTON');
    expect(link.textContent).toBe('cell 1, line 2');
    link.click();
    await settled();
    const [cell] = golden('small').cells;
    expect(host.goTo).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ executionCount: 1, hash: cell.hash, source: cell.source, line: 2 }),
    );
    expect(element.querySelector('.ts-said')!.textContent).toBe('');
  });

  it.each([
    ['gone', 'Cell 1 is no longer in this notebook.'],
    ['edited', 'Cell 1 was edited since: the line may be another one.'],
  ] as const)('say when the cell is %s', async (went, sentence) => {
    const host = new FakeHost();
    host.goTo = () => Promise.resolve(went);
    const element = selected(golden('small'), 'MulBackward0', host);
    element.querySelector<HTMLButtonElement>('.ts-source-section .ts-link')!.click();
    await settled();
    expect(element.querySelector('.ts-said[role=status]')!.textContent).toBe(sentence);
  });

  it('link what freed a node, what raised, and hooks', () => {
    const host = new FakeHost();
    host.goTo = () => Promise.resolve('found');
    const freed = selected(golden('small'), 'MulBackward0', host);
    expect(freed.querySelector('.ts-panel .ts-note .ts-link')!.textContent).toBe('cell 1, line 3');
    view!.dispose();
    const raised = selected(golden('exception'), 'matmul', host);
    expect(raised.querySelector('.ts-view > .ts-note .ts-link')!.textContent).toBe('cell 4, line 2');
    view!.dispose();
    const hooked = selected(golden('digits'), 'model.0.weight', host);
    expect(hooked.querySelector('.ts-hooks .ts-link')!.textContent).toMatch(/^cell \d+, line \d+$/);
  });

  it('are words where there is no notebook, or no cell', () => {
    expect(selected(golden('small'), 'MulBackward0').querySelector('.ts-link')).toBeNull();
    view!.dispose();
    const data = golden('small');
    for (const site of data.sites) (delete site.cell, (site.file = 'model.py'));
    const host = new FakeHost();
    host.goTo = () => Promise.resolve('found');
    const element = selected(data, 'MulBackward0', host);
    expect(element.querySelector('.ts-source-section .ts-place')!.textContent).toContain('model.py, line');
    expect(element.querySelector('.ts-link')).toBeNull();
  });
});

describe('a kernel that can be started', () => {
  const button = (element: HTMLElement): HTMLButtonElement => element.querySelector('.ts-begin button')!;

  it('is offered where there is none, and only where the surroundings can', () => {
    expect(selected(alive(), 'AddmmBackward0').querySelector('.ts-begin')).toBeNull();
    view!.dispose();
    const host = new FakeHost();
    host.state = 'none';
    host.start = () => Promise.resolve();
    expect(button(selected(alive(), 'AddmmBackward0', host)).textContent).toBe('Start kernel');
  });

  it('is started once, keeps the focus, and then says what is gone', async () => {
    const host = new FakeHost();
    host.state = 'none';
    let done: () => void = () => undefined;
    host.start = vi.fn(() => new Promise<void>(resolve => (done = resolve)));
    const element = selected(alive(), 'AddmmBackward0', host);
    button(element).focus();
    button(element).click();
    expect(button(element).textContent).toBe('Starting…');
    expect(document.activeElement).toBe(button(element));
    button(element).click();
    expect(host.start).toHaveBeenCalledOnce();
    host.become('fresh');
    done();
    await settled();
    const panel = element.querySelector<HTMLElement>('.ts-panel')!;
    expect(panel.querySelector('[role=status]')!.textContent).toContain(
      'The kernel has started. The values of the earlier run are gone; run the cell again to have them.',
    );
    expect(panel.contains(document.activeElement)).toBe(true);
    expect(element.querySelector('.ts-dot[data-state=alive]')).toBeNull();
  });

  it('says why it did not start, and can be started again', async () => {
    const host = new FakeHost();
    host.state = 'none';
    host.start = () => Promise.reject(new Error('no such kernel'));
    const element = selected(alive(), 'AddmmBackward0', host);
    button(element).click();
    await settled();
    expect(element.querySelector('.ts-begin [role=alert]')!.textContent).toContain('no such kernel');
    expect(button(element).textContent).toBe('Start kernel');
  });
});

describe('values that were written since', () => {
  const NOW = { dtype: 'float32', shape: [64, 32], version: 3, changed: true };

  it('are asked for by the version that is shown, and marked', async () => {
    const host = new FakeHost({
      stats: { result: { ...NOW, stats: { mean: 0 } } },
      values: {
        result: {
          ...NOW,
          version: 4,
          values: { buffer: 0, type: 'f64', shape: [1, 1] },
          index: [[0, 1, 1], [0, 1, 1]], // prettier-ignore
        },
        buffers: [[1]],
      },
    });
    const data = alive();
    const element = selected(data, 'AddmmBackward0', host);
    await settled();
    const shown = data.tensors.find(
      (tensor: Loose) =>
        tensor.id === data.saved.find((row: Loose) => row.id === host.asked[0]!.params.on.id).tensor,
    );
    expect(host.asked[0]!.params).toMatchObject({ version: shown.version });
    expect(element.querySelector('.ts-changed')!.textContent).toContain(
      'It was written since the document was made: version 3 now.',
    );
    element.querySelector<HTMLButtonElement>('.ts-show-values')!.click();
    await settled();
    expect(host.asked.at(-1)).toMatchObject({ method: 'values', params: { version: 3 } });
    expect(element.querySelector('.ts-inspect')!.textContent).toContain(
      'It was written since the statistics were taken: version 4 now.',
    );
  });
});
