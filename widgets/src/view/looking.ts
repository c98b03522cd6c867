/** Looking at a part of the picture: begins, widens and ends it, and has drawing, bar and speech agree. */
import type { Picture } from '../draw/picture.js';
import { membersOf } from '../groups/tree.js';
import type { Subject } from '../model/subject.js';
import { FocusBar, waiting } from './focus-bar.js';
import { Focus, type FocusKind, type Target } from './focus.js';
import type { Ways } from './ways.js';
import { nameOf } from './words.js';

/** The view that is looked at. */
export interface Looked {
  readonly subject: Subject;
  readonly picture: Picture | undefined;
  /** Key of the selection. */
  readonly selected: string | undefined;
  keep(boxes: Set<number> | undefined): void;
  /** The drawing begins so much lower than before. */
  lowered(by: number): void;
  announce(words: string): void;
  /** Over the drawing, for a while. */
  say(sentence: string): void;
  /** Gives the focus to the keyboard's way through the picture. */
  walk(): void;
}

export class Looking {
  private readonly focus = new Focus();
  /** Where a path begins that waits for its other end. */
  private begun: string | undefined;
  private readonly bar = new FocusBar({
    widen: by => {
      this.focus.widen(this.view.subject, by);
      this.show();
    },
    clear: () => this.end(),
  });

  constructor(private readonly view: Looked) {}

  get element(): HTMLElement {
    return this.bar.element;
  }

  /** Whether the other end of a path is waited for. */
  get waits(): boolean {
    return this.focus.from !== undefined;
  }

  get active(): boolean {
    return this.focus.now !== undefined;
  }

  get ways(): Ways {
    return this.focus.ways(this.view.subject);
  }

  boxes(picture: Picture): Set<number> | undefined {
    return this.focus.boxes(picture);
  }

  at(kind: FocusKind): void {
    const { focus, view } = this;
    const target = this.target();
    if (!target) return view.say('Select a node first.');
    if (kind === 'path') {
      focus.clear();
      focus.from = target;
      this.begun = view.selected;
      view.walk();
    } else if (kind === 'around') {
      const again = focus.now?.kind === 'around' && focus.target?.name === target.name;
      focus.around(view.subject, target, again ? focus.now!.steps + 1 : 1);
    } else focus[kind](view.subject, target);
    this.show();
  }

  /** The selection is the other end of the path, unless the path begins there. */
  endPath(): void {
    const { focus, view } = this;
    const target = this.target();
    const from = focus.from?.name;
    if (!target || from === undefined) return;
    if (view.selected === this.begun) return view.say('The path begins there: choose another end.');
    const found = focus.path(view.subject, target);
    this.show();
    if (!found) view.say(`No path leads between ${from} and ${target.name}.`);
  }

  /** Everything again. */
  end(): void {
    this.forget();
    this.view.announce('Everything is shown');
    this.view.walk();
  }

  /** As `end`, without a word: the picture is another. */
  forget(): void {
    this.focus.clear();
    this.show();
  }

  private target(): Target | undefined {
    const { picture, selected, subject } = this.view;
    const box = picture?.indexOf(selected) ?? -1;
    if (!picture || box < 0) return undefined;
    const { group } = picture.scene.boxes[box]!;
    const vertices = group
      ? membersOf(group).get(group)!
      : [subject.vertices.indexOf(selected!)].filter(vertex => vertex >= 0);
    return { vertices, name: nameOf(picture, box) };
  }

  private show(): void {
    const { focus, view } = this;
    const lowered = this.bar.show(focus);
    if (lowered) view.lowered(lowered);
    const kept = view.picture && focus.boxes(view.picture);
    view.keep(kept);
    if (focus.from) view.announce(waiting(focus.from));
    else if (kept)
      view.announce(`${focus.now!.words}: ${kept.size} of ${view.picture!.scene.boxes.length} boxes`);
  }
}
