/** Finds the cell that a document speaks of in the notebook as it is now, and goes there. */
import type { CellPlace, Went } from '../live/host.js';

/** The parts of JupyterLab's notebook that are needed, so that the notebook package isn't. */
export interface Notebook {
  readonly widgets: readonly Cell[];
  activeCellIndex: number;
  mode: 'command' | 'edit';
  scrollToItem(index: number, align?: string): Promise<void>;
}

export interface Cell {
  readonly model: {
    readonly type: string;
    readonly executionCount?: number | null;
    readonly sharedModel: { getSource(): string };
  };
  /** Made when the cell comes near the window. */
  readonly editor: Editor | null;
}

interface Position {
  line: number;
  column: number;
}

export interface Editor {
  readonly lineCount: number;
  getLine(line: number): string | undefined;
  setSelection(selection: { start: Position; end: Position }): void;
  revealPosition(position: Position): void;
  focus(): void;
}

/** First 16 hexadecimal digits of the SHA-256, as documents have it; undefined where the page may not compute it. */
async function hashOf(source: string): Promise<string | undefined> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) return undefined;
  const digest = new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(source)));
  return Array.from(digest.subarray(0, 8), byte => byte.toString(16).padStart(2, '0')).join('');
}

async function holds(cell: Cell, place: CellPlace): Promise<boolean> {
  const source = cell.model.sharedModel.getSource();
  return place.source === undefined ? (await hashOf(source)) === place.hash : source === place.source;
}

/**
 * The same source under the same number; else the same source, which ran again since; else the same number, which was
 * edited since.
 */
export async function findCell(
  notebook: Notebook,
  place: CellPlace,
): Promise<{ index: number; went: Went } | undefined> {
  const code = notebook.widgets.flatMap((cell, index) =>
    cell.model.type === 'code' ? [{ cell, index }] : [],
  );
  const numbered = code.filter(
    ({ cell }) => place.executionCount !== undefined && cell.model.executionCount === place.executionCount,
  );
  for (const some of [numbered, code]) {
    for (const { cell, index } of some) if (await holds(cell, place)) return { index, went: 'found' };
  }
  const [edited] = numbered;
  return edited && { index: edited.index, went: 'edited' };
}

/** An editor far from the window takes a moment to be made. */
const EDITOR = { tries: 40, pause: 50 };

async function editorOf(cell: Cell): Promise<Editor | null> {
  for (let i = 0; i < EDITOR.tries && !cell.editor; i++)
    await new Promise(resolve => setTimeout(resolve, EDITOR.pause));
  return cell.editor;
}

export async function goToCell(notebook: Notebook, place: CellPlace): Promise<Went> {
  const found = await findCell(notebook, place);
  if (!found) return 'gone';
  const cell = notebook.widgets[found.index]!;
  notebook.activeCellIndex = found.index;
  // A notebook that is not windowed has nothing to scroll by: the editor scrolls itself into sight below.
  await notebook.scrollToItem(found.index, 'center').catch(() => undefined);
  const editor = await editorOf(cell);
  if (!editor) return found.went;
  notebook.mode = 'edit';
  editor.focus();
  if (place.line !== undefined) select(editor, place, found.went);
  return found.went;
}

function select(editor: Editor, place: CellPlace, went: Went): void {
  const line = Math.min(place.line!, editor.lineCount) - 1;
  const length = editor.getLine(line)?.length ?? 0;
  const exact = went === 'found' && place.column !== undefined && place.endColumn !== undefined;
  const start = exact ? Math.min(place.column!, length) : 0;
  const end = exact ? Math.min(place.endColumn!, length) : length;
  editor.setSelection({ start: { line, column: start }, end: { line, column: Math.max(start, end) } });
  editor.revealPosition({ line, column: start });
}
