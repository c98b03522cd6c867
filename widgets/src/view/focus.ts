/** What is looked at, when that is not everything: around a node, what reaches it, what it reaches, a path. */
import * as format from '../document/format.js';
import type { Picture } from '../draw/picture.js';
import type { Subject } from '../model/subject.js';
import { Ways, type Marked } from './ways.js';

export type FocusKind = 'around' | 'reaching' | 'reached' | 'path';

export interface Focused {
  kind: FocusKind;
  steps: number;
  /** `Around AddmmBackward0, 2 steps` */
  words: string;
  vertices: Marked;
}

/** A thing that can be looked at: its vertices, and what it is called. */
export interface Target {
  vertices: number[];
  name: string;
}

const MOST_STEPS = 20;

export class Focus {
  now: Focused | undefined;
  /** One end of a path, while the other one is waited for. */
  from: Target | undefined;
  /** What the last look was at. */
  target: Target | undefined;
  private readonly known = new Map<Subject, Ways>();

  ways(subject: Subject): Ways {
    let ways = this.known.get(subject);
    if (!ways) this.known.set(subject, (ways = new Ways(subject)));
    return ways;
  }

  around(subject: Subject, target: Target, steps = 1): void {
    const most = Math.max(1, Math.min(MOST_STEPS, steps));
    this.target = target;
    this.now = {
      kind: 'around',
      steps: most,
      words: `Around ${target.name}, ${format.counted(most, 'step')}`,
      vertices: this.ways(subject).around(target.vertices, most),
    };
  }

  /** A step more, or less, around the same. */
  widen(subject: Subject, by: 1 | -1): void {
    if (this.now?.kind === 'around' && this.target) this.around(subject, this.target, this.now.steps + by);
  }

  reaching(subject: Subject, target: Target): void {
    const ways = this.ways(subject);
    const all = target.vertices.length === 1 ? ways.uses(target.vertices[0]!) : target.vertices;
    this.now = {
      kind: 'reaching',
      steps: 0,
      words: `What reaches ${target.name}`,
      vertices: ways.reaching(all),
    };
  }

  reached(subject: Subject, target: Target): void {
    this.now = {
      kind: 'reached',
      steps: 0,
      words: `What ${target.name} reaches`,
      vertices: this.ways(subject).reachedFrom(target.vertices),
    };
  }

  /** The path from the end that waits; false: there is none. */
  path(subject: Subject, to: Target): boolean {
    const { from } = this;
    this.from = undefined;
    const vertices = from && this.ways(subject).between(from.vertices, to.vertices);
    if (!from || !vertices) return false;
    this.now = { kind: 'path', steps: 0, words: `Paths between ${from.name} and ${to.name}`, vertices };
    return true;
  }

  clear(): void {
    this.now = undefined;
    this.from = undefined;
  }

  /** The boxes that show or hold what is looked at, and the frames around them. */
  boxes(picture: Picture): Set<number> | undefined {
    if (!this.now) return undefined;
    const { boxes, boxOf } = picture.scene;
    const kept = new Set<number>();
    this.now.vertices.forEach((flag, vertex) => {
      if (!flag) return;
      for (let box = boxOf[vertex]!; box >= 0 && !kept.has(box); box = boxes[box]!.parent) kept.add(box);
    });
    return kept;
  }
}
