/** Finds vertices by name, shape, module or the text of their line; `/…/` is a regular expression. */
import type { GraphModel } from '../model/model.js';
import type { Subject, Vertex } from '../model/subject.js';

function matcher(query: string): ((text: string) => boolean) | undefined {
  const regex = /^\/(.+)\/$/.exec(query);
  if (regex) {
    try {
      const pattern = new RegExp(regex[1]!, 'i');
      return text => pattern.test(text);
    } catch {
      return undefined;
    }
  }
  const wanted = query.trim().toLowerCase();
  return wanted ? text => text.toLowerCase().includes(wanted) : undefined;
}

export function search(subject: Subject, model: GraphModel, query: string): number[] {
  const matches = matcher(query);
  if (!matches) return [];
  const lines = new Map<number | undefined, string>();
  const line = (vertex: Vertex): string => {
    let text = lines.get(vertex.site);
    if (text === undefined) lines.set(vertex.site, (text = model.place(vertex.site)?.text ?? ''));
    return text;
  };
  return subject.vertices.flatMap((vertex, i) =>
    [vertex.name, vertex.shape, vertex.module ?? '', line(vertex)].some(matches) ? [i] : [],
  );
}
