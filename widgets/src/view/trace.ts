/** One direction of a document as it is shown: its vertices, the groups they are in, and which of these stand open. */
import { initiallyOpen } from '../groups/open.js';
import { treeOf } from '../groups/side-tree.js';
import { groupsOf, type Group } from '../groups/tree.js';
import { backwardSubject } from '../model/backward.js';
import { bothSubject } from '../model/both.js';
import { forwardSubject } from '../model/forward.js';
import type { GraphModel } from '../model/model.js';
import type { Direction, Subject } from '../model/subject.js';
import { stripsOf, type Strip } from '../model/torn.js';

export type { Direction } from '../model/subject.js';

const SUBJECTS: Record<Direction, (model: GraphModel) => Subject> = {
  backward: backwardSubject,
  forward: forwardSubject,
  both: bothSubject,
};

export class Trace {
  readonly subject: Subject;
  readonly tree: Group;
  readonly strips: Strip[];
  open: Set<string>;
  /** Groups by key; found when first asked for. */
  private known: Map<string, Group> | undefined;
  /** The innermost group of each vertex; found when first asked for. */
  private homes: Map<number, Group> | undefined;

  constructor(direction: Direction, model: GraphModel, remembered: string[] | undefined) {
    this.subject = SUBJECTS[direction](model);
    this.tree = treeOf(this.subject, model);
    this.strips = stripsOf(this.subject, model);
    this.open = remembered ? new Set(remembered) : initiallyOpen(this.tree, this.strips.length > 0);
  }

  private get groups(): Map<string, Group> {
    return (this.known ??= new Map(groupsOf(this.tree).map(group => [group.key, group])));
  }

  private homeOf(vertex: number): Group | undefined {
    if (!this.homes) {
      this.homes = new Map();
      for (const group of this.groups.values())
        for (const child of group.children) if (typeof child === 'number') this.homes.set(child, group);
    }
    return this.homes.get(vertex);
  }

  get hasGroups(): boolean {
    return this.tree.children.some(child => typeof child !== 'number');
  }

  /** Of its groups and of what is in them. */
  *names(): Iterable<string> {
    for (const { name, type } of this.groups.values()) yield* [name, type];
    yield* this.subject.vertices.columns.names.all;
  }

  isGroup(key: string | undefined): key is string {
    return key !== undefined && this.groups.has(key);
  }

  get allOpen(): boolean {
    return this.open.size >= this.groups.size;
  }

  toggle(key: string): void {
    if (!this.open.delete(key)) this.open.add(key);
  }

  openAll(): void {
    this.open = new Set(this.groups.keys());
  }

  closeAll(): void {
    this.open = new Set();
  }

  /** Opens the closed groups around a vertex and says which these were, the outermost first. */
  openAround(key: string): string[] {
    const vertex = this.subject.vertices.indexOf(key);
    const hidden = vertex < 0 ? [] : this.closedAround(vertex);
    for (const group of hidden) this.open.add(group);
    return hidden;
  }

  private closedAround(vertex: number): string[] {
    const found: string[] = [];
    for (let at = this.homeOf(vertex); at && at !== this.tree; at = at.parent)
      if (!this.open.has(at.key)) found.unshift(at.key);
    return found;
  }
}
