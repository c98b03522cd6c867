// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest';
import { StaticHost } from '../../../widgets/src/live/host.js';
import { type Memory } from '../../../widgets/src/view/graph-view.js';
import { chain, golden, network } from '../support/goldens.js';
import { FakeHost } from '../support/host.js';
import { alive, dispose, enter, press, rows, search, selected, show, twin } from '../support/shown.js';

describe('the outline', () => {
  it('has a row for each box, in reading order, and says what the canvas shows', () => {
    const element = show(golden('small'));
    expect(rows(element).map(row => row.textContent)).toEqual([
      'y14',
      'SumBackward0[]',
      'MulBackward0[3]12 B freed',
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
    search(element, 'model.7.weight');
    enter(element);
    expect(selected(element)).toBe('model.7.weight');
  });

  it('says which of the matches is shown, whatever was opened for it', () => {
    const element = show(network(40));
    const place = (): string => element.querySelector('.ts-find .ts-key')!.textContent!;
    search(element, '.weight');
    const count = Number(place());
    expect(count).toBeGreaterThan(3);
    const rowsBefore = Number(twin(element).getAttribute('aria-rowcount'));
    enter(element);
    expect(Number(twin(element).getAttribute('aria-rowcount'))).toBeGreaterThan(rowsBefore);
    const [first] = place().split('/').map(Number);
    expect(place()).toBe(`${first}/${count}`);
    enter(element);
    expect(place()).toBe(`${(first! % count) + 1}/${count}`);
    search(element, '.bias');
    expect(place()).not.toContain('/');
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
    dispose();
    const second = show(network(40), new StaticHost(), memory);
    expect(rows(second).length).toBe(count);
    expect(selected(second)).toBeDefined();
  });

  it('leaves nothing behind', () => {
    const host = new FakeHost();
    show(golden('small'), host);
    expect(host.listeners.size).toBe(1);
    dispose();
    expect(host.listeners.size).toBe(0);
    expect(document.body.children).toHaveLength(0);
  });
});
