// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Host } from '../../../widgets/src/live/host.js';
import { StaticHost } from '../../../widgets/src/live/host.js';
import { GraphView, type Memory } from '../../../widgets/src/view/graph-view.js';
import { chain, golden, network, type Loose } from '../support/goldens.js';
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
  vi.useRealTimers();
});

function show(data: Loose, host: Host = new StaticHost(), memory: Memory = {}): HTMLElement {
  view = new GraphView(document.body, data, host, memory);
  return view.element;
}

const twin = (element: HTMLElement): HTMLElement => element.querySelector<HTMLElement>('.ts-twin')!;
const rows = (element: HTMLElement): HTMLElement[] => [
  ...element.querySelectorAll<HTMLElement>('[role=row]'),
];
const selected = (element: HTMLElement): string | undefined =>
  element.querySelector('[role=row][aria-selected=true] [role=gridcell]')?.textContent ?? undefined;

function press(element: HTMLElement, ...keys: string[]): void {
  for (const key of keys) {
    const shiftKey = /^[A-Z?]$/.test(key);
    twin(element).dispatchEvent(
      new KeyboardEvent('keydown', {
        key,
        shiftKey,
        bubbles: true,
        cancelable: true,
      }),
    );
  }
}

const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 0));

/** digits before its backward: the saved variables of the last turn can be asked for. */
function alive(): Loose {
  const data = golden('digits');
  for (const node of data.nodes) (delete node.state, delete node.released_by);
  for (const row of data.saved) delete row.state;
  return data;
}

const NOW = { dtype: 'float32', shape: [64, 32], version: 0, changed: false };
const STATS = {
  result: {
    ...NOW,
    stats: { min: -0.61, max: 0.74, mean: 0.0123, std: 0.125 },
  },
};

describe('the outline', () => {
  it('has a row for each box, in reading order, and says what the canvas shows', () => {
    const element = show(golden('small'));
    expect(rows(element).map(row => row.textContent)).toEqual([
      'y14',
      'SumBackward0[]',
      'MulBackward0[3]24 B freed',
      'xAccumulateGrad · [3]',
    ]);
    expect(twin(element).getAttribute('role')).toBe('treegrid');
    expect(twin(element).getAttribute('aria-label')).toContain('cell 1: 3 nodes');
    expect(twin(element).tabIndex).toBe(0);
  });

  it('walks along the edges, across a rank, home and to the end', () => {
    const element = show(golden('small'));
    press(element, 'ArrowDown');
    expect(selected(element)).toBe('y');
    press(element, 'ArrowDown', 'ArrowDown');
    expect(selected(element)).toBe('MulBackward0');
    press(element, 'ArrowUp');
    expect(selected(element)).toBe('SumBackward0');
    press(element, 'End');
    expect(selected(element)).toBe('x');
    press(element, 'Home');
    expect(selected(element)).toBe('y');
  });

  it('goes to the neighbour in the rank and along a numbered port', () => {
    const element = show(golden('digits'));
    press(element, 'a', 'd', 'd');
    expect(selected(element)).toBe('AddmmBackward0');
    press(element, '2');
    expect(selected(element)).toBe('TBackward0');
    press(element, 'ArrowLeft');
    expect(selected(element)).toBe('model.2.bias');
  });

  it('types ahead: the same letter again goes on', async () => {
    vi.useFakeTimers();
    const element = show(golden('double_backward'));
    press(element, 'p');
    const first = element.querySelector('[aria-selected=true]')!.id;
    vi.advanceTimersByTime(2000);
    press(element, 'p');
    expect(element.querySelector('[aria-selected=true]')!.id).not.toBe(first);
    expect(selected(element)!.toLowerCase().startsWith('p')).toBe(true);
  });

  it('announces the selection, and keeps its place for a screen reader', () => {
    const element = show(alive());
    press(element, 'a', 'd', 'd', 'm');
    expect(element.querySelector('[aria-live]')!.textContent).toMatch(
      /^AddmmBackward0, model\.2, 3 inputs, .*9\.5 KB saved, selected$/,
    );
    const active = twin(element).getAttribute('aria-activedescendant')!;
    expect(document.getElementById(active)!.getAttribute('aria-selected')).toBe('true');
  });

  it('opens and closes a group in place with Enter', () => {
    const element = show(network(40));
    const before = rows(element).length;
    press(element, 'Home');
    const group = rows(element).find(row => row.getAttribute('aria-expanded') === 'false')!;
    group.click();
    press(element, 'Enter');
    expect(rows(element).length).toBeGreaterThan(before);
    expect(element.querySelector('[aria-selected=true]')!.getAttribute('aria-expanded')).toBe('true');
    press(element, 'Enter');
    expect(rows(element).length).toBe(before);
  });

  it('leaves by Esc: first the selection, then the view', () => {
    const element = show(golden('small'));
    twin(element).focus();
    press(element, 'Home', 'Escape');
    expect(selected(element)).toBeUndefined();
    expect(element.querySelector<HTMLElement>('.ts-panel')!.hidden).toBe(true);
    press(element, 'Escape');
    expect(document.activeElement).not.toBe(twin(element));
  });

  it('keeps only a window of rows of a large picture', () => {
    const data = chain(900);
    for (const [i, node] of data.nodes.entries())
      if (i) node.name = `Op${'abcdefghij'[i % 10]}${i % 7}Backward0`;
    const element = show(data, new StaticHost(), {});
    expect(rows(element).length).toBeLessThanOrEqual(200);
  });

  it('keeps its keys from the notebook, and lets it have the others', () => {
    const element = show(golden('small'));
    const heard = vi.fn();
    document.addEventListener('keydown', heard);
    press(element, 'ArrowDown');
    expect(heard).not.toHaveBeenCalled();
    press(element, 'Tab');
    expect(heard).toHaveBeenCalledOnce();
    document.removeEventListener('keydown', heard);
  });
});

describe('the header', () => {
  it('says the facts and switches to the forward trace and back', () => {
    const element = show(golden('inplace'));
    expect(element.querySelector('.ts-facts')!.textContent).toContain('cell 12');
    const [backward, forward] = element.querySelectorAll<HTMLButtonElement>('.ts-segments button');
    expect(backward!.getAttribute('aria-pressed')).toBe('true');
    forward!.click();
    expect(rows(element).map(row => row.firstChild!.textContent)).toEqual(
      expect.arrayContaining(['exp', 'add_', 'a', 'loss']),
    );
    press(element, 'B');
    expect(rows(element).map(row => row.firstChild!.textContent)).toContain('ExpBackward0');
  });

  it('offers no trace where none was recorded', () => {
    const forward = show(golden('small')).querySelectorAll<HTMLButtonElement>('.ts-segments button')[1]!;
    expect(forward.disabled).toBe(true);
    expect(forward.title).toContain('not recorded');
  });

  it('finds by name, shape or line, and opens what hides the hit', () => {
    const element = show(network(40));
    const find = element.querySelector<HTMLInputElement>('.ts-find input')!;
    find.value = 'model.7.weight';
    find.dispatchEvent(new Event('input'));
    find.dispatchEvent(
      new KeyboardEvent('keydown', {
        key: 'Enter',
        bubbles: true,
        cancelable: true,
      }),
    );
    expect(selected(element)).toBe('model.7.weight');
  });

  it('leads to the worst finding', () => {
    const element = show(golden('inplace'));
    element.querySelector<HTMLButtonElement>('.ts-pill')!.click();
    expect(selected(element)).toBe('ExpBackward0');
    expect(element.querySelector('.ts-panel .ts-note[data-severity=error]')!.textContent).toContain(
      'saved b as its result at version 0',
    );
  });
});

describe('the panel', () => {
  it('shows the line marked in its cell, the derivative, and the saved variables', () => {
    const element = show(alive());
    press(element, 'a', 'd', 'd', 'm');
    const panel = element.querySelector('.ts-panel')!;
    expect(panel.querySelector('h3')!.textContent).toContain('AddmmBackward0');
    expect(panel.querySelector('.ts-line.ts-marked')!.textContent).toBe(
      '3    logits = model(x_train[batch])',
    );
    expect(panel.querySelectorAll('.ts-line').length).toBeGreaterThan(1);
    expect(panel.querySelector('.ts-formulas')!.textContent).toContain('grad @ mat2.T');
    const slots = [...panel.querySelectorAll('.ts-slots tbody tr')].map(row => row.textContent);
    expect(slots[0]).toBe('mat1[64, 32] f328.2 KB0 = 0stored');
  });

  it('says what wrote to a saved variable since it was saved', () => {
    const element = show(golden('engine_inplace'));
    press(element, 'e');
    expect(selected(element)).toBe('ExpBackward0');
    const writes = [...element.querySelectorAll('.ts-writes li')].map(item => item.textContent);
    expect(writes).toEqual(['v1mul_ on vcell 2, line 4', 'v2add_ on bcell 2, line 5']);
  });

  it('lists hooks in firing order with what they did', () => {
    const data = golden('small');
    data.hooks = [
      { id: 1, kind: 'post', name: 'log_norms', node: 2, order: 1 },
      {
        id: 2,
        kind: 'pre',
        name: 'clip',
        node: 2,
        order: 0,
        calls: [
          {
            order: 0,
            changed: 'replaced',
            before: { norm: 42 },
            after: { norm: 9.87 },
          },
        ],
      },
    ];
    const element = show(data);
    press(element, 'm');
    const items = [...element.querySelectorAll('.ts-hooks li')].map(item => item.textContent);
    expect(items[0]).toContain('1clip pre-hook');
    expect(items[0]).toContain('‖grad‖42.0→9.87× 0.235');
    expect(items[1]).toContain('2log_norms post-hook');
  });

  it('lists the hooks of the modules around a node, the innermost first, and what a call changed', () => {
    const data = golden('small');
    data.modules = [
      { id: 1, path: 'model', type: 'Net' },
      { id: 2, path: 'model.0', type: 'Linear' },
      { id: 3, path: 'model.01', type: 'Linear' },
    ];
    (data.nodes as { id: number; module?: number }[]).find(node => node.id === 2)!.module = 2;
    data.hooks = [
      {
        id: 1,
        kind: 'tensor_pre',
        name: 'clamp',
        node: 2,
        order: 0,
        calls: [{ order: 0, changed: 'in_place', before: { shape: [9000] } }],
      },
      { id: 2, kind: 'module_forward', name: 'log', module: 1, order: 0 },
      { id: 3, kind: 'module_backward', name: 'clip', module: 2, order: 0 },
      { id: 4, kind: 'module_forward', name: 'other', module: 3, order: 0 },
    ];
    const element = show(data);
    press(element, 'm');
    const section = element.querySelector('.ts-hooks-section')!;
    expect([...section.querySelectorAll('h4')].map(title => title.textContent)).toEqual([
      'Hooks, in firing order',
      'Hooks of model.0 · Linear',
      'Hooks of model · Net',
    ]);
    const items = [...section.querySelectorAll('li')].map(item => item.textContent);
    expect(items[0]).toContain('wrote into it');
    expect(items[1]).toContain('clip module full backward hook');
    expect(items[2]).toContain('log module forward hook');
    expect(items).toHaveLength(3);
  });

  it('asks the kernel for the statistics of a saved variable, and for nothing before', async () => {
    const edges = { buffer: 0, type: 'f64', shape: [3] };
    const counts = { buffer: 1, type: 'f64', shape: [2] };
    const host = new FakeHost({
      stats: STATS,
      histogram: {
        result: { ...NOW, edges, counts, below: 0, above: 0, nan: 2, inf: 0 },
        buffers: [
          [-1, 0, 1],
          [3, 5],
        ],
      },
    });
    const element = show(alive(), host);
    expect(host.asked).toEqual([]);
    press(element, 'a', 'd', 'd', 'm');
    await settled();
    await settled();
    const asked = host.asked.find(request => request.method === 'stats')!;
    expect(asked.params.on.table).toBe('saved');
    expect(asked.params).not.toHaveProperty('unpack');
    const line = element.querySelector('.ts-saved-section .ts-stat')!;
    expect(line.textContent).toContain('mat1 x∈[−0.61, 0.74] μ 0.0123 σ 0.125 0 NaN');
    expect(line.querySelector('[data-stat=mean]')!.getAttribute('title')).toBe('mean 0.0123');
    expect(element.querySelectorAll('.ts-histogram rect').length).toBe(3);
    expect(element.querySelector('.ts-histogram')!.textContent).toContain('2 NaN');
  });

  it('says what lived when the document was made, and what kept the most', () => {
    const data = golden('small');
    data.census = {
      nodes: 11,
      tensors: 8,
      bytes: 2048,
      owners: [
        { path: [{ kind: 'variable', name: 'history' }], nodes: 9, bytes: 1024 },
        { path: [{ kind: 'variable', name: 'unused_name' }], nodes: 0, bytes: 0 },
      ],
    };
    const element = show(data);
    press(element, 'm');
    const text = element.querySelector('.ts-census-section')!.textContent;
    expect(text).toContain('8 tensors, 11 nodes');
    expect(text).toContain('1historyalone keeps 9 nodes, 1.0 KB');
    expect(text).not.toContain('unused_name');
  });

  it('says what keeps a node alive when a button is pressed, and not before', async () => {
    const owners = [
      {
        path: [
          { kind: 'variable', name: 'history', cell: 1 },
          { kind: 'item', name: '[1]' },
          { kind: 'graph', name: '.grad_fn' },
          { kind: 'graph', name: 'MulBackward0._saved_self' },
        ],
        nodes: 3,
        bytes: 2048,
      },
    ];
    const host = new FakeHost({ stats: STATS, why_alive: { result: { owners, complete: false } } });
    const element = show(alive(), host);
    press(element, 'a', 'd', 'd', 'm');
    await settled();
    expect(host.asked.some(request => request.method === 'why_alive')).toBe(false);
    element.querySelector<HTMLButtonElement>('.ts-owners-section button')!.click();
    await settled();
    expect(host.asked.find(request => request.method === 'why_alive')!.params.on.table).toBe('nodes');
    const text = element.querySelector('.ts-owners-section')!.textContent;
    expect(text).toContain('history[1].grad_fn → MulBackward0._saved_self');
    expect(text).toContain('alone keeps 3 nodes, 2.0 KB');
    expect(text).toContain('There may be more');
  });

  it('asks for values when they are wanted, a corner of them', async () => {
    const values = { buffer: 0, type: 'f64', shape: [2, 2] };
    const host = new FakeHost({
      stats: STATS,
      values: {
        result: {
          ...NOW,
          values,
          index: [
            [0, 2, 1],
            [0, 2, 1],
          ],
        },
        buffers: [[1, 2, 3, 4.5]],
      },
    });
    const element = show(alive(), host);
    press(element, 'a', 'd', 'd', 'm');
    await settled();
    await settled();
    element.querySelector<HTMLButtonElement>('.ts-saved-section .ts-show-values')!.click();
    await settled();
    await settled();
    expect(host.asked.at(-1)).toMatchObject({
      method: 'values',
      params: {
        index: [
          [0, 8, 1],
          [0, 6, 1],
        ],
      },
    });
    expect([...element.querySelectorAll('.ts-values td')].map(cell => cell.textContent)).toEqual([
      '1',
      '2',
      '3',
      '4.5',
    ]);
  });

  it('never runs an unpack hook by looking; a button does', async () => {
    const host = new FakeHost({ stats: { code: 'hooked', message: 'held' } });
    const element = show(alive(), host);
    press(element, 'a', 'd', 'd', 'm');
    await settled();
    await settled();
    expect(host.asked.every(request => !('unpack' in request.params))).toBe(true);
    host.replies.stats = STATS;
    element.querySelector<HTMLButtonElement>('.ts-inspect .ts-button')!.click();
    await settled();
    expect(host.asked.filter(request => request.method === 'stats').at(-1)!.params.unpack).toBe(true);
  });

  it.each([
    ['none', 'No kernel. Structure and statistics are from the notebook'],
    ['stale', 'The kernel was restarted; this graph is gone.'],
    ['unknown', 'This kernel does not know the graph.'],
  ] as const)('says at its top that the kernel is %s', (state, words) => {
    const host = new FakeHost();
    host.state = state;
    const element = show(alive(), host);
    press(element, 'a', 'd', 'd', 'm');
    expect(element.querySelector('.ts-panel .ts-note')!.textContent).toContain(words);
    expect(host.asked).toEqual([]);
  });

  it('says after 300 ms that the kernel is busy, and stops saying it', async () => {
    vi.useFakeTimers();
    const host = new FakeHost({ stats: 'never', histogram: 'never' });
    host.state = 'busy';
    host.running = 9;
    const element = show(alive(), host);
    press(element, 'a', 'd', 'd', 'm');
    vi.advanceTimersByTime(250);
    expect(element.querySelector('.ts-panel .ts-note')).toBeNull();
    vi.advanceTimersByTime(100);
    expect(element.querySelector('.ts-panel .ts-note')!.textContent).toContain(
      'The kernel is running cell 9.',
    );
    expect(element.querySelector('.ts-busybar')).not.toBeNull();
    host.become('stale');
    expect(element.querySelector('.ts-panel .ts-note')!.textContent).toContain('restarted');
    expect(element.querySelector('.ts-busybar')).toBeNull();
  });

  it('says by which backward, and where, the saved variables were freed', () => {
    const element = show(golden('small'));
    press(element, 'm');
    const notes = [...element.querySelectorAll('.ts-panel .ts-note')].map(note => note.textContent);
    expect(notes[1]).toContain(
      'Freed by backward in cell 1, line 3. To keep it: backward(retain_graph=True)',
    );
    expect(element.querySelector('.ts-saved-section h4')!.textContent).toContain('0 of 24 B alive');
  });

  it('says of a gradient that is None that it is none', async () => {
    const element = show(
      golden('small'),
      new FakeHost({
        stats: STATS,
        grad: { code: 'absent', message: 'no .grad' },
      }),
    );
    press(element, 'x');
    await settled();
    await settled();
    expect(element.querySelector('.ts-gradient-section')!.textContent).toBe('GradientNone');
  });
});

describe('other documents', () => {
  it('refuses a newer major in a box, and says what to do', () => {
    const element = show({ ...golden('small'), version: '3.1' });
    expect(element.textContent).toContain('This graph is of format 3.1');
    expect(element.querySelector('canvas')).toBeNull();
  });

  it('names the rule that a broken one breaks', () => {
    const element = show({ ...golden('small'), nodes: 3 });
    expect(element.querySelector('[role=alert]')!.textContent).toContain('nodes has to be a list of rows');
  });

  it('shows an empty one as what it is', () => {
    const tensors = [{ id: 1, dtype: 'float32', shape: [3], bytes: 12, name: 'x' }];
    const element = show({
      version: '1.0',
      generator: 'test',
      title: 'x',
      nodes: [],
      edges: [],
      tensors,
    });
    expect(element.textContent).toContain('x is a leaf without gradient.');
    expect(element.textContent).toContain('x.requires_grad_()');
  });

  it('tells that a newer minor is newer', () => {
    expect(show({ ...golden('small'), version: '1.9' }).querySelector('.ts-note')!.textContent).toContain(
      'newer Tapescope',
    );
  });

  it('heads a failure with its message, and marks the line that raised', () => {
    const element = show(golden('exception'));
    expect(element.querySelector('.ts-note')!.textContent).toContain(
      'RuntimeError in cell 4, line 2. matmul: cannot multiply (8, 4) by (5, 2)',
    );
    press(element, 'm', 'a');
    expect(element.querySelector('.ts-line.ts-bad')!.textContent).toBe('2out = h @ w2');
  });

  it('shows markup and control characters as text', () => {
    const data = golden('small');
    data.tensors[1].name = '<img src=x onerror=alert(1)>';
    data.nodes[0].name = 'Sum\u202eBackward0';
    data.cells[0].source = '<script>alert(1)</script>\ny = 1\n';
    const element = show(data);
    press(element, 's');
    expect(element.querySelector('img, script')).toBeNull();
    expect(element.textContent).toContain('<img src=x onerror=alert(1)>');
    expect(element.textContent).toContain('Sum⟨202E⟩');
    expect(element.textContent).toContain('<script>alert(1)</script>');
  });
});

describe('life', () => {
  it('remembers what was open and selected when it is made again', () => {
    const memory: Memory = {};
    const first = show(network(40), new StaticHost(), memory);
    rows(first)
      .find(row => row.getAttribute('aria-expanded') === 'false')!
      .click();
    press(first, 'Enter');
    const count = rows(first).length;
    view!.dispose();
    const second = show(network(40), new StaticHost(), memory);
    expect(rows(second).length).toBe(count);
    expect(selected(second)).toBeDefined();
  });

  it('leaves nothing behind', () => {
    const host = new FakeHost();
    show(golden('small'), host);
    expect(host.listeners.size).toBe(1);
    view!.dispose();
    expect(host.listeners.size).toBe(0);
    expect(document.body.children).toHaveLength(0);
  });
});
