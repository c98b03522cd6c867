/**
 * The links of a subject in columns. Those that leave a vertex come in the order of its ports, which is that of
 * next_functions, or of the op's results.
 */
import { listsBy, type Lists } from '../layout/csr.js';

export interface Link {
  from: number;
  to: number;
  port: number;
  /** How many ports `from` has. */
  ports: number;
  name: string;
  shape: string;
}

/** What is said along a link. */
export interface LinkWords {
  name(link: number): string;
  shape(link: number): string;
}

export class Links {
  readonly length: number;
  private readonly lists = new Map<'from' | 'to', Lists>();

  constructor(
    readonly from: Int32Array,
    readonly to: Int32Array,
    private readonly words: LinkWords,
  ) {
    this.length = from.length;
  }

  static of(list: Omit<Link, 'port' | 'ports'>[]): Links {
    return new Links(
      Int32Array.from(list, ({ from }) => from),
      Int32Array.from(list, ({ to }) => to),
      { name: link => list[link]!.name, shape: link => list[link]!.shape },
    );
  }

  name(link: number): string {
    return this.words.name(link);
  }

  shape(link: number): string {
    return this.words.shape(link);
  }

  /** The links that leave (`from`) or reach (`to`) each of `count` vertices. */
  by(end: 'from' | 'to', count: number): Lists {
    let found = this.lists.get(end);
    if (!found || found.start.length !== count + 1) this.lists.set(end, (found = listsBy(this[end], count)));
    return found;
  }

  /** All of them, made, with their ports. */
  get all(): Link[] {
    const made = Array.from({ length: this.length }, (_, i) => ({
      from: this.from[i]!,
      to: this.to[i]!,
      port: 0,
      ports: 1,
      name: this.name(i),
      shape: this.shape(i),
    }));
    numberPorts(
      made.reduce((most, { from }) => Math.max(most, from + 1), 0),
      made,
    );
    return made;
  }

  /** Some of them. */
  take(kept: Int32Array): Links {
    return new Links(
      kept.map(link => this.from[link]!),
      kept.map(link => this.to[link]!),
      {
        name: link => this.name(kept[link]!),
        shape: link => this.shape(kept[link]!),
      },
    );
  }
}

/** Numbers the links that leave each of `count` ends in the order in which they come. */
export function numberPorts(count: number, links: Pick<Link, 'from' | 'port' | 'ports'>[]): void {
  const leaving = new Array<number>(count).fill(0);
  for (const link of links) link.port = leaving[link.from]!++;
  for (const link of links) link.ports = leaving[link.from]!;
}
