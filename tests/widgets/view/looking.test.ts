// @vitest-environment jsdom
/** What is looked at, how it is coloured, what the menu offers: by keyboard, in words. */
import { describe, expect, it, vi } from 'vitest';
import { StaticHost } from '../../../widgets/src/live/host.js';
import type { Memory } from '../../../widgets/src/view/graph-view.js';
import { golden, network } from '../support/goldens.js';
import { enter, press, rows, search, selected, show, twin } from '../support/shown.js';

const said = (element: HTMLElement): string => element.querySelector('[aria-live]')!.textContent!;
const bar = (element: HTMLElement): HTMLElement => element.querySelector('.ts-focusbar')!;

function choose(element: HTMLElement, name: string): void {
  rows(element)
    .find(row => row.firstChild!.textContent === name)!
    .click();
}

describe('looking at a part', () => {
  it('shows what is around the selection, and a step more each time', () => {
    const element = show(golden('digits'));
    choose(element, 'NllLossBackward0');
    press(element, 'K');
    expect(bar(element).textContent).toBe('Around NllLossBackward0, 1 step');
    expect(said(element)).toMatch(/^Around NllLossBackward0, 1 step: 4 of \d+ boxes$/);
    press(element, 'K');
    expect(bar(element).textContent).toBe('Around NllLossBackward0, 2 steps');
    bar(element).querySelector<HTMLButtonElement>('[aria-label="One step less"]')!.click();
    expect(bar(element).textContent).toBe('Around NllLossBackward0, 1 step');
  });

  it('shows what reaches a leaf, and what a node reaches', () => {
    const element = show(golden('digits'));
    choose(element, 'model.2.bias');
    press(element, 'U');
    expect(said(element)).toMatch(/^What reaches model\.2\.bias: [67] of/);
    choose(element, 'TBackward0');
    press(element, 'D');
    expect(said(element)).toMatch(/^What TBackward0 reaches: [345] of/);
  });

  it('finds the path between two, and says where there is none', () => {
    const element = show(golden('digits'));
    choose(element, 'NllLossBackward0');
    press(element, 'T');
    expect(bar(element).textContent).toContain('choose the other end');
    choose(element, 'ReluBackward0');
    expect(bar(element).textContent).toBe('Paths between NllLossBackward0 and ReluBackward0');
    choose(element, 'model.2.bias');
    press(element, 'T');
    choose(element, 'ReluBackward0');
    expect(element.querySelector('.ts-said')!.textContent).toContain('No path leads between');
  });

  it('waits for the other end of a path while keys walk, until Enter chooses it', () => {
    const element = show(golden('digits'));
    choose(element, 'NllLossBackward0');
    press(element, 'T');
    const asks = 'Path from NllLossBackward0: choose the other end by a click or Enter';
    expect([bar(element).textContent, said(element)]).toEqual([asks, asks]);
    press(element, 'ArrowDown');
    expect(said(element)).toMatch(/^LogSoftmaxBackward0, .*selected$/);
    press(element, 'End', 'Home', 'r', 'e', 'l');
    expect(selected(element)).toBe('ReluBackward0');
    expect(bar(element).textContent).toBe(asks);
    press(element, 'Enter');
    expect(bar(element).textContent).toBe('Paths between NllLossBackward0 and ReluBackward0');
    expect(said(element)).toMatch(/^Paths between NllLossBackward0 and ReluBackward0: \d+ of \d+ boxes$/);
    expect(document.activeElement).toBe(twin(element));
  });

  it('does not take a path’s beginning for its end, and gives it up with Esc', () => {
    const element = show(golden('digits'));
    choose(element, 'NllLossBackward0');
    press(element, 'T', 'Enter');
    expect(bar(element).textContent).toContain('choose the other end');
    expect(element.querySelector('.ts-said')!.textContent).toContain('The path begins there');
    press(element, 'ArrowDown', 'Escape');
    expect(bar(element).hidden).toBe(true);
    expect(said(element)).toBe('Everything is shown');
    expect(selected(element)).toBe('LogSoftmaxBackward0');
  });

  it('takes a match of a search for the other end, also one that a group hides', () => {
    const element = show(network(40));
    press(element, 'Home', 'T');
    search(element, 'model.7.weight');
    expect(bar(element).textContent).toMatch(/choose the other end/);
    enter(element);
    expect(bar(element).textContent).toMatch(/^Paths between .* and model\.7\.weight$/);
    expect(said(element)).toMatch(/^Paths between /);
  });

  it('ends with Esc, step by step', () => {
    const element = show(golden('digits'));
    choose(element, 'model.2.bias');
    press(element, 'K', 'Escape');
    expect(selected(element)).toMatch(/^model\.2/);
    press(element, 'Escape', 'Escape');
    expect(selected(element)).toBeUndefined();
    expect(bar(element).hidden).toBe(false);
    press(element, 'Escape');
    expect(bar(element).hidden).toBe(true);
  });

  it('can be begun from the panel', () => {
    const element = show(golden('digits'));
    choose(element, 'NllLossBackward0');
    const buttons = [...element.querySelectorAll<HTMLButtonElement>('.ts-ways button')];
    expect(buttons.map(({ textContent }) => textContent)).toEqual([
      'Around',
      'Reaches it',
      'It reaches',
      'Path to…',
    ]);
    buttons[1]!.click();
    expect(bar(element).textContent).toBe('What reaches NllLossBackward0');
  });

  it('asks for a selection where there is none', () => {
    const element = show(golden('digits'));
    press(element, 'U');
    expect(element.querySelector('.ts-said')!.textContent).toBe('Select a node first.');
  });
});

describe('colours', () => {
  it('are chosen in the header or by key, and are in the outline as text', () => {
    const memory: Memory = {};
    const element = show(golden('digits'), new StaticHost(), memory);
    const select = element.querySelector<HTMLSelectElement>('select')!;
    expect([...select.options].map(({ text }) => text)).toEqual(['Family', 'Norm', 'Time', 'Bytes']);
    press(element, 'C');
    expect(said(element)).toBe('Colour: Gradient norm');
    expect(element.querySelector('.ts-meaning')!.textContent).toBe('Gradient norm1e-8 … 1e+2None');
    const node = rows(element).find(row => row.textContent!.startsWith('NllLoss'))!;
    expect(node.textContent).toContain('1.00');
    expect(memory.overlay).toBe('grad_norm');
    select.value = '-1';
    select.dispatchEvent(new Event('change'));
    expect(said(element)).toBe('Colour: family');
  });

  it('are all in the panel, whichever is shown', () => {
    const element = show(golden('digits'));
    choose(element, 'NllLossBackward0');
    const section = element.querySelector('.ts-numbers-section')!;
    expect(section.textContent).toBe('MeasuredGradient norm1.00Time11 µs');
  });
});

describe('the menu', () => {
  const open = (element: HTMLElement): HTMLElement[] => {
    element.querySelector<HTMLButtonElement>('.ts-menu > button')!.click();
    return [...element.querySelectorAll<HTMLElement>('[role=menu] button')];
  };

  it('offers files, groups, outline, legend and keys', () => {
    const element = show(network(40));
    const labels = open(element).map(item => item.children[1]!.textContent);
    expect(labels).toEqual([
      'Save this view as SVG',
      'Save this view as PNG',
      'Save all as SVG',
      'Save all as PNG',
      'Open all groups',
      'Outline',
      'Legend',
      'Keys',
    ]);
  });

  it('is walked with arrows and letters, and closed with Esc', () => {
    const element = show(network(40));
    const items = open(element);
    expect(document.activeElement).toBe(items[0]);
    const key = (name: string): boolean =>
      document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
    key('ArrowUp');
    expect(document.activeElement!.children[1]!.textContent).toBe('Keys');
    key('o');
    expect(document.activeElement!.children[1]!.textContent).toBe('Open all groups');
    key('Escape');
    expect(element.querySelector<HTMLElement>('[role=menu]')!.hidden).toBe(true);
    expect(document.activeElement!.getAttribute('aria-label')).toBe('More');
  });

  it('saves a file', async () => {
    const element = show(golden('small'));
    vi.stubGlobal('URL', { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined });
    const clicked = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
    vi.stubGlobal('Path2D', class {});
    open(element)[2]!.click();
    await vi.waitFor(() => expect(clicked).toHaveBeenCalled());
    expect(element.querySelector('.ts-said')!.textContent).toBe('Saved Backward-graph-of-cell-1.svg.');
    vi.unstubAllGlobals();
  });
});

describe('all groups', () => {
  it('open, and close again', () => {
    const element = show(network(40));
    const before = Number(twin(element).getAttribute('aria-rowcount'));
    press(element, 'E');
    expect(Number(twin(element).getAttribute('aria-rowcount'))).toBeGreaterThan(200);
    press(element, 'E');
    expect(Number(twin(element).getAttribute('aria-rowcount'))).toBeLessThanOrEqual(before);
  });
});

describe('the other direction', () => {
  it('has the partner of what was selected', () => {
    const element = show(golden('digits'));
    choose(element, 'NllLossBackward0');
    press(element, 'B');
    expect(selected(element)).toBe('nll_loss');
    press(element, 'B');
    expect(selected(element)).toBe('nll_loss');
    press(element, 'B');
    expect(selected(element)).toBe('NllLossBackward0');
  });
});

describe('the outline', () => {
  it('knows each row’s level, place and number of siblings', () => {
    const element = show(golden('digits'));
    for (const row of rows(element)) {
      const [level, place, size] = ['level', 'posinset', 'setsize'].map(name =>
        Number(row.getAttribute(`aria-${name}`)),
      );
      expect(level).toBeGreaterThan(0);
      expect(place).toBeGreaterThan(0);
      expect(place).toBeLessThanOrEqual(size!);
    }
  });

  it('is shown beside the drawing, and remembered', () => {
    const memory: Memory = {};
    const element = show(golden('digits'), new StaticHost(), memory);
    press(element, 'O');
    expect(twin(element).classList.contains('ts-outline')).toBe(true);
    expect(memory.outline).toBe(true);
    press(element, 'O');
    expect(twin(element).classList.contains('ts-hidden')).toBe(true);
  });
});

describe('the whole screen', () => {
  const open = (element: HTMLElement): string[] => {
    press(element, 'X');
    return [...element.querySelectorAll('[role^=menuitem]')].map(item => item.textContent!);
  };

  it('is offered where the page has it to give, and asked for', () => {
    expect(open(show(golden('digits'))).some(label => label.startsWith('Whole screen'))).toBe(false);
    document.body.replaceChildren();
    Object.defineProperty(document, 'fullscreenEnabled', { value: true, configurable: true });
    try {
      const element = show(golden('digits'));
      const asked = vi.fn(() => Promise.reject(new Error('no')));
      element.requestFullscreen = asked;
      expect(open(element).some(label => label.startsWith('Whole screen'))).toBe(true);
      press(element, 'W');
      expect(asked).toHaveBeenCalledTimes(1);
    } finally {
      Reflect.deleteProperty(document, 'fullscreenEnabled');
    }
  });
});
