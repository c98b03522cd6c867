/** A search under way: what it found, which of that is shown, and the way to the next. */
import type { Picture } from '../../draw/picture.js';
import type { GraphModel } from '../../model/model.js';
import type { Subject } from '../../model/subject.js';
import type { Outline } from '../outline.js';
import { RegexWorker } from './regex.js';
import { SearchIndex, type Found } from './search.js';

export class Finder {
  found: Found = { state: 'idle' };
  /** Which of them was gone to last. */
  private at: number | undefined;
  private read: number[] | undefined;
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
      this.read = undefined;
      this.at = undefined;
      this.changed();
    });
  }

  /** The same, in another direction of the document. */
  again(subject: Subject): void {
    if (this.query) this.find(this.query, subject);
  }

  /**
   * To the next of what was found. The order is that of the first picture: groups that are opened on the way would
   * change it, and one be found twice.
   */
  next(
    step: 1 | -1,
    key: string | undefined,
    subject: Subject,
    picture: Picture,
    outline: Outline,
  ): number | undefined {
    this.read ??= asRead(this.vertices, picture, outline);
    return (this.at = nextOf(this.read, step, key, subject));
  }

  /** The place of what was gone to last. */
  get place(): number | undefined {
    return this.at === undefined ? undefined : this.read?.indexOf(this.at);
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

/** Vertices as they are read. */
export function asRead(vertices: number[], { scene }: Picture, outline: Outline): number[] {
  const row = (vertex: number): number => outline.rowOf[scene.boxOf[vertex]!] ?? 0;
  return [...vertices].sort((a, b) => row(a) - row(b) || a - b);
}

/** The vertex after (1) or before (-1) the one with `key`. */
export function nextOf(
  read: number[],
  step: 1 | -1,
  key: string | undefined,
  subject: Subject,
): number | undefined {
  const at = read.findIndex(vertex => subject.vertices.key(vertex) === key);
  return read[(at + step + read.length + (at < 0 && step < 0 ? 1 : 0)) % read.length];
}
