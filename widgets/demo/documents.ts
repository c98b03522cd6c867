/** Finds the documents in what someone gives: a document itself, or a notebook with some among its outputs. */

export const MIME_TYPE = 'application/vnd.tapescope.graph.v1+json';

export interface Named {
  name: string;
  document: unknown;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Throws a SyntaxError with words for the user where the text is not JSON. */
export function documentsIn(text: string, name: string): Named[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`${name} is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(data) || !('cells' in data) || !('nbformat' in data)) return [{ name, document: data }];
  const found = list(data.cells).flatMap(cell =>
    list(cell.outputs).flatMap(({ data: bundle }) =>
      isObject(bundle) && MIME_TYPE in bundle
        ? [{ name: `${name}, cell ${String(cell.execution_count ?? '?')}`, document: bundle[MIME_TYPE] }]
        : [],
    ),
  );
  if (!found.length) throw new SyntaxError(`${name} is a notebook without a graph among its outputs.`);
  return found;
}
