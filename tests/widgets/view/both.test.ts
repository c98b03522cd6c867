// @vitest-environment jsdom
/** Both sides in one picture: by keyboard, in words. */
import { describe, expect, it } from 'vitest';
import { StaticHost } from '../../../widgets/src/live/host.js';
import type { Memory } from '../../../widgets/src/view/graph-view.js';
import { golden, type Loose } from '../support/goldens.js';
import { shown } from '../support/picture.js';
import { partnersOf, tiedTo } from '../../../widgets/src/view/partners.js';
import { Ways } from '../../../widgets/src/view/ways.js';
import { inputsOf, port } from '../../../widgets/src/view/walk.js';
import { overlaysOf } from '../../../widgets/src/view/overlays/overlay.js';
import { press, rows, selected, show, twin } from '../support/shown.js';

const said = (element: HTMLElement): string => element.querySelector('[aria-live]')!.textContent!;
const segments = (element: HTMLElement): string[] =>
  [...element.querySelectorAll('.ts-segments button:not(:disabled)')].map(button => button.textContent!);

function both(document: Loose = golden('engine_hooks'), memory: Memory = {}): HTMLElement {
  return show(document, new StaticHost(), { ...memory, direction: 'both' });
}

function choose(element: HTMLElement, name: string): void {
  rows(element)
    .find(row => row.firstChild!.textContent === name)!
    .click();
}

describe('the choice', () => {
  it('is there where a trace and a graph are, and stops at ⇧B after them', () => {
    const element = show(golden('digits'));
    expect(segments(element)).toEqual(['Backward', 'Forward', 'Both']);
    const pressed = (): string => element.querySelector('.ts-segments [aria-pressed=true]')!.textContent!;
    const stops = ['B', 'B', 'B'].map(key => (press(element, key), pressed()));
    expect(stops).toEqual(['Forward', 'Both', 'Backward']);
  });

  it('is not there without ops, nor without a graph', () => {
    expect(segments(show(golden('small')))).toEqual(['Backward']);
    document.body.replaceChildren();
    const traced = golden('engine_trace');
    for (const table of ['nodes', 'edges', 'saved', 'hooks', 'passes', 'overlays', 'writes'])
      traced[table] = [];
    for (const tensor of traced.tensors) delete tensor.grad_fn;
    expect(segments(show(traced))).toEqual(['Forward']);
  });

  it('is remembered, with the groups that stand open', () => {
    const memory: Memory = {};
    const element = show(golden('digits'), new StaticHost(), memory);
    press(element, 'B', 'B', 'E');
    expect(memory.direction).toBe('both');
    expect(memory.open!.both!.length).toBeGreaterThan(2);
  });

  it('keeps what is selected, which is there too', () => {
    const element = show(golden('digits'));
    choose(element, 'ReluBackward0');
    press(element, 'B');
    expect(selected(element)).toBe('relu');
    press(element, 'B');
    expect(selected(element)).toBe('relu');
    choose(element, 'LogSoftmaxBackward0');
    press(element, 'B');
    expect(selected(element)).toBe('LogSoftmaxBackward0');
  });
});

describe('the keyboard on both sides', () => {
  it('goes down with the values, up with the gradients, across to the partner', () => {
    const element = both();
    choose(element, 'tanh');
    press(element, 'ArrowRight');
    expect(selected(element)).toBe('TanhBackward0');
    expect(said(element)).toMatch(/^TanhBackward0, .*1 input, .*beside its op tanh, selected$/);
    press(element, 'ArrowUp');
    expect(selected(element)).toBe('AddmmBackward0');
    choose(element, 'log_softmax');
    press(element, 'ArrowDown');
    expect(selected(element)).toBe('nll_loss');
    expect(said(element)).toMatch(/^nll_loss, .*2 inputs, .*beside its node NllLossBackward0, selected$/);
    press(element, 'ArrowDown');
    expect(selected(element)).toBe('loss');
  });

  it('follows next_functions by number, though they are above', () => {
    const { picture } = shown(golden('engine_hooks'), 'both');
    const { boxes } = picture.scene;
    const box = (name: string): number => boxes.findIndex(each => each.vertex?.name === name);
    const node = box('AddmmBackward0');
    expect(inputsOf(picture, node)).toBe(2);
    const ends = [0, 1].map(index => boxes[port(picture, node, index)]!.vertex!.name);
    expect(ends[0]).toMatch(/bias$/);
    expect(ends[1]).toBe('TBackward0');
    expect(port(picture, node, 2)).toBe(-1);
    expect(boxes[port(picture, box('tanh'), 0)]!.vertex!.name).toBe('addmm');
  });
});

describe('partners', () => {
  const { picture, trace, model } = shown(golden('digits'), 'both');
  const { boxes } = picture.scene;
  const box = (name: string): number => boxes.findIndex(each => each.vertex?.name === name);

  it('are joined from either of them', () => {
    const ways = new Ways(trace.subject);
    for (const [one, other] of [
      ['relu', 'ReluBackward0'],
      ['ReluBackward0', 'relu'],
    ] as const) {
      expect([...tiedTo(picture, box(one))]).toEqual([box(other)]);
      expect([...partnersOf(picture, trace.subject, model, ways, box(one))]).toContain(box(other));
    }
  });

  it('have none in a closed group, which is its own', () => {
    const closed = boxes.findIndex(each => each.group && !each.open);
    expect(tiedTo(picture, closed).size).toBe(0);
  });
});

describe('ways on both sides', () => {
  const { trace } = shown(golden('engine_hooks'), 'both');
  const { subject } = trace;
  const ways = new Ways(subject);
  const at = (name: string): number => subject.vertices.all.findIndex(vertex => vertex.name === name);
  const names = (marked: Uint8Array): string[] =>
    subject.vertices.all.flatMap((vertex, i) => (marked[i] ? [vertex.name] : []));

  it('stay on their side: values to the output, gradients to the leaves', () => {
    expect(names(ways.reachedFrom([at('tanh')])).filter(name => name.endsWith('Backward0'))).toEqual([]);
    expect(names(ways.reachedFrom([at('tanh')]))).toContain('loss');
    const above = names(ways.reachedFrom([at('TanhBackward0')]));
    expect(above).toContain('model.0.weight');
    expect(above).not.toContain('nll_loss');
    expect(names(ways.reaching([at('TanhBackward0')]))).toContain('loss');
    expect(names(ways.reaching([at('TanhBackward0')]))).not.toContain('nll_loss');
  });

  it('lead from an op to a node through the output', () => {
    const path = names(ways.between([at('tanh')], [at('TanhBackward0')])!);
    expect(path).toEqual(
      expect.arrayContaining(['tanh', 'nll_loss', 'loss', 'NllLossBackward0', 'TanhBackward0']),
    );
    expect(path).not.toContain('model.0.weight');
  });

  it('have the partner a step away', () => {
    expect(names(ways.around([at('tanh')], 1))).toContain('TanhBackward0');
  });
});

describe('an overlay on both sides', () => {
  it('colours the nodes that it has numbers for, and leaves the ops as they are', () => {
    const { picture, trace, model } = shown(golden('digits'), 'both');
    const norm = overlaysOf(model, trace.subject).find(({ name }) => name === 'grad_norm')!;
    const tints = norm.tints(picture, trace.subject);
    const box = (name: string): number => picture.scene.boxes.findIndex(each => each.vertex?.name === name);
    expect(tints(box('ReluBackward0'))!.text).toBe('1.9e−3');
    expect(tints(box('relu'))).toBeUndefined();
  });

  it('has those of ops and of nodes as one, where both have some', () => {
    const document = golden('digits');
    document.overlays.push({ name: 'time', unit: 'ns', on: 'ops', values: [{ id: 4494, value: 5_000 }] });
    const { picture, trace, model } = shown(document, 'both');
    const times = overlaysOf(model, trace.subject).filter(({ name }) => name === 'time');
    expect(times).toHaveLength(1);
    const tints = times[0]!.tints(picture, trace.subject);
    const box = (name: string): number => picture.scene.boxes.findIndex(each => each.vertex?.name === name);
    expect(tints(box('relu'))!.text).toMatch(/^5/);
    expect(tints(box('ReluBackward0'))!.text).toMatch(/^8/);
  });
});

describe('what is seen of both sides', () => {
  it('is a row a box, with ops and nodes told apart in the summary', () => {
    const element = both(golden('digits'));
    expect(rows(element).some(row => row.textContent!.includes('7 ops · 11 nodes'))).toBe(true);
    expect(Number(twin(element).getAttribute('aria-rowcount'))).toBeGreaterThan(20);
  });

  it('is found by name on either side', () => {
    const element = both();
    const find = element.querySelector<HTMLInputElement>('input[type=search]')!;
    find.value = 'tanh';
    find.dispatchEvent(new Event('input'));
    expect(element.querySelector('.ts-find [role=status]')!.textContent).toBe('2 matches');
  });
});
