/** A search under way: what it found, which of that is shown, and the way to the next. */
import type { Picture } from '../../draw/picture.js';
import type { GraphModel } from '../../model/model.js';
import type { Subject } from '../../model/subject.js';
import type { Outline } from '../outline.js';
import { RegexWorker } from './regex.js';
import { SearchIndex, type Found } from './search.js';

export class Finder {
  found: Found = { state: 'idle' };
  private readonly regexes = new RegexWorker();
  private readonly indices = new Map<Subject, SearchIndex>();
  private query = '';
  private asked = 0;

  constructor(
    private readonly model: GraphModel,
    /** Called when there is something else to show than before. */
    private readonly changed: () => void,
  ) {}

  get vertices(): number[] {
    return this.found.state === 'found' ? this.found.vertices : [];
  }

  find(query: string, subject: Subject): void {
    this.query = query;
    let index = this.indices.get(subject);
    if (!index) this.indices.set(subject, (index = new SearchIndex(subject, this.model)));
    const asked = ++this.asked;
    index.search(query, this.regexes.match, found => {
      if (asked !== this.asked) return;
      this.found = found;
      this.changed();
    });
  }

  /** The same, in another direction of the document. */
  again(subject: Subject): void {
    if (this.query) this.find(this.query, subject);
  }

  /** How many of what was found each box shows or holds. */
  boxes(picture: Picture): Map<number, number> {
    const counts = new Map<number, number>();
    for (const vertex of this.vertices) {
      const box = picture.scene.boxOf[vertex]!;
      if (box >= 0) counts.set(box, (counts.get(box) ?? 0) + 1);
    }
    return counts;
  }

  dispose(): void {
    this.regexes.dispose();
  }
}

/** The vertex after (1) or before (-1) the one with `key` among `vertices`, as they are read, and its place. */
export function nextOf(
  vertices: number[],
  step: 1 | -1,
  key: string | undefined,
  subject: Subject,
  picture: Picture,
  outline: Outline,
): { vertex: number; place: number } | undefined {
  if (!vertices.length) return undefined;
  const { boxOf } = picture.scene;
  const row = (vertex: number): number => outline.rowOf[boxOf[vertex]!] ?? 0;
  const sorted = [...vertices].sort((a, b) => row(a) - row(b) || a - b);
  const at = sorted.findIndex(vertex => subject.vertices.key(vertex) === key);
  const place = (at + step + sorted.length + (at < 0 && step < 0 ? 1 : 0)) % sorted.length;
  return { vertex: sorted[place]!, place };
}
