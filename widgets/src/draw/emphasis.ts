/** What of a picture stands out, and what steps back for it. */
import type { Picture } from './picture.js';

/**
 * plain: nothing is selected. dim: something else is. away: withdrawn, outside of what is looked at; never what is
 * selected or pointed at.
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
    this.rest = selected >= 0 || (found.size && !kept) ? 'dim' : 'plain';
    for (const link of at(selected)) {
      const { from, to } = picture.scene.links[link]!;
      this.states.set(from, 'near').set(to, 'near');
    }
    for (const box of [...found.keys(), ...partners]) this.states.set(box, 'near');
    if (hovered >= 0) this.states.set(hovered, 'near');
    if (selected >= 0) this.states.set(selected, 'selected');
    if (kept) {
      // Where the reader is, and what stands beside it, is drawn whole wherever that is.
      const here = [selected, hovered].flatMap(box => [box, picture.scene.partners.get(box) ?? -1]);
      for (const box of this.states.keys())
        if (!kept.has(box) && !here.includes(box)) this.states.delete(box);
      for (const box of here) if (box >= 0 && !this.states.has(box)) this.states.set(box, 'near');
    }
    const links = new Set([...at(selected), ...at(hovered)]);
    this.active = new Set([...links].filter(link => this.ends(link).every(end => this.of(end) !== 'away')));
  }

  of(box: number): State {
    return this.states.get(box) ?? (this.isOutside(box) ? 'away' : this.rest);
  }

  /** Whether a box is outside of what is looked at: withdrawn, unless it stands out. */
  isOutside(box: number): boolean {
    const { kept } = this.emphasis;
    return kept !== undefined && !kept.has(box);
  }

  /** Whether a link leads out of what is looked at. */
  isAway(link: number): boolean {
    return this.emphasis.kept !== undefined && this.ends(link).some(end => this.isOutside(end));
  }

  private ends(link: number): [number, number] {
    const { from, to } = this.picture.scene.links[link]!;
    return [from, to];
  }

  /** Boxes that stand out from the others. */
  get outstanding(): Iterable<number> {
    return this.states.keys();
  }
}
