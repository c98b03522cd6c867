// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest';
import { golden } from '../support/goldens.js';
import { FakeHost } from '../support/host.js';
import { alive, NOW, press, selected, settled, show, STATS } from '../support/shown.js';

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
    expect(element.querySelector('.ts-saved-section h4')!.textContent).toContain('0 of 12 B alive');
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
