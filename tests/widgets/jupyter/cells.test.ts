import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { findCell, goToCell, type Notebook } from '../../../widgets/src/jupyter/cells.js';
import type { CellPlace } from '../../../widgets/src/live/host.js';

const hash = (source: string): string => createHash('sha256').update(source).digest('hex').slice(0, 16);

function place(source: string | undefined, executionCount?: number, of = source ?? ''): CellPlace {
  return { executionCount, hash: hash(of), source, line: 2, column: 4, endColumn: 9 };
}

type Given = [source: string, count: number | null, type?: string];

function notebook(...cells: Given[]) {
  const editors = cells.map(([source]) => ({
    lineCount: source.split('\n').length,
    getLine: (line: number) => source.split('\n')[line],
    setSelection: vi.fn(),
    revealPosition: vi.fn(),
    focus: vi.fn(),
  }));
  const made: Notebook = {
    widgets: cells.map(([source, executionCount, type = 'code'], i) => ({
      model: { type, executionCount, sharedModel: { getSource: () => source } },
      editor: editors[i]!,
    })),
    activeCellIndex: 0,
    mode: 'command',
    scrollToItem: vi.fn(() => Promise.resolve()),
  };
  return { made, editors };
}

describe('the cell that a place is in', () => {
  const A = 'a = 1\ny = a * a';
  const B = 'b = 2\nz = b + b';

  it('is the one of that number and source', async () => {
    const { made } = notebook([A, 1], [A, 7], [B, 2]);
    expect(await findCell(made, place(A, 7))).toEqual({ index: 1, went: 'found' });
  });

  it('is known by the hash of its source where the source is not in the document', async () => {
    const { made } = notebook([B, 7], [A, 8]);
    expect(await findCell(made, place(undefined, 7, A))).toEqual({ index: 1, went: 'found' });
  });

  it('is found by its source after it ran again', async () => {
    const { made } = notebook([B, 7], [A, 12]);
    expect(await findCell(made, place(A, 7))).toEqual({ index: 1, went: 'found' });
  });

  it('is the one of that number where the source was edited', async () => {
    const { made } = notebook([B, 1], ['a = 3', 7]);
    expect(await findCell(made, place(A, 7))).toEqual({ index: 1, went: 'edited' });
  });

  it('is no Markdown, and may be nowhere', async () => {
    const { made } = notebook([A, null, 'markdown'], [B, 2]);
    expect(await findCell(made, place(A, 7))).toBeUndefined();
    expect(await findCell(made, place(A))).toBeUndefined();
  });
});

describe('going there', () => {
  const A = 'a = 1\ny = a * a';

  it('scrolls to the cell, puts the cursor into it and selects the expression', async () => {
    const { made, editors } = notebook(['b', 1], [A, 7]);
    expect(await goToCell(made, place(A, 7))).toBe('found');
    expect(made.activeCellIndex).toBe(1);
    expect(made.mode).toBe('edit');
    expect(made.scrollToItem).toHaveBeenCalledWith(1, 'center');
    expect(editors[1]!.focus).toHaveBeenCalled();
    expect(editors[1]!.setSelection).toHaveBeenCalledWith({
      start: { line: 1, column: 4 },
      end: { line: 1, column: 9 },
    });
  });

  it('selects the whole line, or the last one, where the source is another now', async () => {
    const { made, editors } = notebook(['short', 7]);
    expect(await goToCell(made, place(A, 7))).toBe('edited');
    expect(editors[0]!.setSelection).toHaveBeenCalledWith({
      start: { line: 0, column: 0 },
      end: { line: 0, column: 5 },
    });
  });

  it('does nothing where the cell is gone', async () => {
    const { made } = notebook(['b', 1]);
    expect(await goToCell(made, place(A, 7))).toBe('gone');
    expect(made.scrollToItem).not.toHaveBeenCalled();
    expect(made.mode).toBe('command');
  });

  it('goes on where the notebook can’t scroll', async () => {
    const { made, editors } = notebook([A, 7]);
    made.scrollToItem = () => Promise.reject(new Error('not windowed'));
    expect(await goToCell(made, place(A, 7))).toBe('found');
    expect(editors[0]!.focus).toHaveBeenCalled();
  });
});
