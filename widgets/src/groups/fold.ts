/**
 * Folds what is too much for one picture: equal neighbours into "× n the same", and, where nothing repeats, long
 * stretches into pieces, and crowds of leaves into one. Works within one container at a time, from the inside out, on
 * consecutive children, so groups stay intervals.
 */
import type { GraphModel } from '../model/model.js';
import type { Subject } from '../model/subject.js';
import { splitName } from '../model/names.js';
import { crowdEnds, settleEnds } from './ends.js';
import { Homes } from './homes.js';
import { cutIntoPieces, PieceNames } from './pieces.js';
import { findRuns, type Run } from './repetition.js';
import { Signs } from './signs.js';
import { group, groupsOf, type Child, type Group } from './tree.js';

/** Children of one container that are still read at a glance. */
export const GLANCE = 60;

/** Of these, what is left for crowds of leaves and of outputs. */
const CROWDS = 2;

/** A run is folded from this many turns on. */
const LEAST_TURNS = 3;

/** A turn of more children than this is a group of its own within the repetition. */
const LONG_TURN = 12;

export function fold(root: Group, subject: Subject, model: GraphModel): void {
  new Folder(root, subject, model).run();
}

class Folder {
  private readonly homes: Homes;
  private readonly signs: Signs;
  private readonly names: PieceNames;

  constructor(
    private readonly root: Group,
    private readonly subject: Subject,
    model: GraphModel,
  ) {
    this.homes = new Homes(subject, root);
    this.signs = new Signs(subject, model);
    this.names = new PieceNames(subject, model);
  }

  run(): void {
    for (const container of [this.root, ...groupsOf(this.root)].reverse()) this.foldIn(container);
  }

  private isEnd(child: Child): child is number {
    return typeof child === 'number' && this.subject.vertices.isEnd(child);
  }

  private foldIn(container: Group): void {
    // Leaves and outputs stand apart from the sequence of a container: they go where their users go.
    const spine = container.children.filter(child => !this.isEnd(child));
    const ends = container.children.filter((child): child is number => this.isEnd(child));
    let children = this.foldRepeats(spine, true);
    // First and last turn with what they alone use, where that is not too much: else they are in the repetition.
    if (children !== spine && this.homes.boxes(children) + this.endsOf(children, ends) > GLANCE)
      children = this.foldRepeats(spine, false);
    const folded = children;
    const boxes = this.homes.boxes(children);
    if (boxes > GLANCE - CROWDS) {
      const most = Math.floor(((GLANCE - CROWDS) * children.length) / boxes);
      children = cutIntoPieces(container, children, most, this.homes, this.names);
    }
    if (children !== spine || folded !== spine) {
      this.homes.fill(container, children);
      settleEnds(container, ends, this.homes);
    }
    crowdEnds(container, GLANCE, this.homes);
  }

  /** How many ends some children use directly. */
  private endsOf(children: Child[], ends: number[]): number {
    const direct = new Set(children);
    return ends.filter(end => [...this.homes.neighbours(end)].some(user => direct.has(user))).length;
  }

  /** `sides`: whether the first and the last turn stay in sight. */
  private foldRepeats(spine: Child[], sides: boolean): Child[] {
    if (spine.length < LEAST_TURNS) return spine;
    const sequence = spine.map(child => this.signs.of(child));
    const runs = findRuns(sequence, LEAST_TURNS).filter(
      run => run.count * run.period >= 6 || typeof spine[run.start] !== 'number',
    );
    if (!runs.length) return spine;
    const children: Child[] = [];
    let at = 0;
    for (const run of runs) {
      children.push(...spine.slice(at, run.start), ...this.foldRun(spine, run, sides));
      at = run.start + run.count * run.period;
    }
    children.push(...spine.slice(at));
    return children;
  }

  /** Modules that repeat become one box; a loop's ops keep their first and last turn in sight. */
  private foldRun(spine: Child[], run: Run, sides: boolean): Child[] {
    const stretch = spine.slice(run.start, run.start + run.count * run.period);
    const first = stretch[0]!;
    if (run.period === 1 && typeof first !== 'number') {
      const repeat = group('repeat', `repeat:${first.key}`, rangeName(stretch), first.type, run.count);
      return [this.homes.fill(repeat, this.inPieces(stretch, 1, rangeName))];
    }
    const inner = sides ? run.count - 2 : run.count;
    if (inner < 2) return stretch;
    const turns = sides ? stretch.slice(run.period, -run.period) : stretch;
    const long = run.period > LONG_TURN;
    const turn = stretch.slice(0, run.period);
    const [name, type] = long ? this.names.of(turn) : [this.periodName(turn), ''];
    const repeat = group('repeat', `repeat:${this.keyOf(turns[0]!)}`, name, type, inner);
    const parts = long ? this.inTurns(turns, run.period) : turns;
    this.homes.fill(
      repeat,
      this.inPieces(parts, long ? 1 : run.period, () => name),
    );
    return sides ? [...stretch.slice(0, run.period), repeat, ...stretch.slice(-run.period)] : [repeat];
  }

  /** A group for each turn, itself in pieces if it is more than a glance. */
  private inTurns(children: Child[], period: number): Group[] {
    const turns: Group[] = [];
    for (let at = 0; at < children.length; at += period) {
      const part = children.slice(at, at + period);
      const key = `one:${period}:${this.keyOf(part[0]!)}`;
      const turn = this.homes.fill(group('lines', key, ...this.names.of(part)), part);
      if (this.homes.boxes(part) > GLANCE)
        this.homes.fill(turn, cutIntoPieces(turn, part, GLANCE - CROWDS, this.homes, this.names));
      turns.push(turn);
    }
    return turns;
  }

  /** `Tanh → Mul`: what one turn is made of. */
  private periodName(turn: Child[]): string {
    const names = turn.map(child =>
      typeof child === 'number' ? splitName(this.subject.vertices.name(child))[0] : child.name,
    );
    return names.length > 3
      ? `${names.slice(0, 2).join(' → ')} → … → ${names[names.length - 1]}`
      : names.join(' → ');
  }

  private keyOf(child: Child): string {
    return typeof child === 'number' ? this.subject.vertices.key(child) : child.key;
  }

  /** Cuts turns into pieces of about the square root, until each level can be read at a glance. */
  private inPieces(children: Child[], unit: number, name: (part: Child[]) => string): Child[] {
    if (this.homes.boxes(children) <= GLANCE) return children;
    const turns = Math.ceil(children.length / unit);
    const size = Math.max(Math.ceil(Math.sqrt(turns)), Math.ceil(turns / PIECES)) * unit;
    if (size >= children.length) return children;
    const pieces: Child[] = [];
    for (let at = 0; at < children.length; at += size) {
      const part = children.slice(at, at + size);
      const key = `turns:${size}:${this.keyOf(part[0]!)}`;
      const piece = group('repeat', key, name(part), '', part.length / unit);
      pieces.push(this.homes.fill(piece, this.inPieces(part, unit, name)));
    }
    return pieces;
  }
}

/** No piece has more pieces than this. */
const PIECES = 50;

/** `model.0 – model.23` */
function rangeName(groups: Child[]): string {
  const names = [groups[0]!, groups[groups.length - 1]!].map(child => (child as Group).name.split(' – '));
  const ends = names.flat().sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return `${ends[0]} – ${ends[ends.length - 1]}`;
}
