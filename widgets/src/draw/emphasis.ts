/** What of a picture stands out, and what steps back for it. */
import type { Picture } from './picture.js';

/**
 * plain: nothing is selected. dim: something else is. away: withdrawn, outside of what is looked at.
 * near: a neighbour of what is selected, or under the pointer.
 */
export type State = 'plain' | 'dim' | 'away' | 'near' | 'selected';

export interface Emphasis {
  selected: number;
  hovered: number;
  /** What belongs to the hovered box, else to the selected one: the same leaf's other uses, the boxes that are one with it. */
  partners: ReadonlySet<number>;
  /** Boxes that a search found, and how many vertices in each. */
  found: ReadonlyMap<number, number>;
  /** What is looked at; undefined: everything. */
  kept: ReadonlySet<number> | undefined;
}

export const NONE: Emphasis = {
  selected: -1,
  hovered: -1,
  partners: new Set(),
  found: new Map(),
  kept: undefined,
};

export class Standing {
  /** Links of what is selected or hovered. */
  readonly active: Set<number>;
  private readonly states = new Map<number, State>();
  /** The state of a box that has none of its own. */
  readonly rest: State;

  constructor(
    private readonly picture: Picture,
    readonly emphasis: Emphasis,
  ) {
    const { selected, hovered, partners, found, kept } = emphasis;
    const at = (box: number): number[] =>
      box < 0 ? [] : [...picture.leaving(box), ...picture.entering(box)];
    this.active = new Set([...at(selected), ...at(hovered)].filter(link => !this.isAway(link)));
    this.rest = selected >= 0 || (found.size && !kept) ? 'dim' : 'plain';
    for (const link of at(selected)) {
      const { from, to } = picture.scene.links[link]!;
      this.states.set(from, 'near').set(to, 'near');
    }
    for (const box of [...found.keys(), ...partners]) this.states.set(box, 'near');
    if (hovered >= 0) this.states.set(hovered, 'near');
    if (selected >= 0) this.states.set(selected, 'selected');
    if (kept) for (const box of this.states.keys()) if (!kept.has(box)) this.states.delete(box);
  }

  of(box: number): State {
    const { kept } = this.emphasis;
    if (kept && !kept.has(box)) return 'away';
    return this.states.get(box) ?? this.rest;
  }

  isAway(link: number): boolean {
    const { kept } = this.emphasis;
    if (!kept) return false;
    const { from, to } = this.picture.scene.links[link]!;
    return !kept.has(from) || !kept.has(to);
  }

  /** Boxes that stand out from the others. */
  get outstanding(): Iterable<number> {
    return this.states.keys();
  }
}
