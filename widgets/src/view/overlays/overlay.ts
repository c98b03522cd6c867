/** The questions that a document has numbers for, each as a colour for every box. One is shown at a time. */
import * as format from '../../document/format.js';
import { shorten } from '../../document/text.js';
import type { Picture } from '../../draw/picture.js';
import { STEPS as COLOURS } from '../../draw/palette.js';
import type { Fill, Tint, Tints } from '../../draw/tint.js';
import type { Float } from '../../generated/document.js';
import { membersOf, type Group } from '../../groups/tree.js';
import type { GraphModel } from '../../model/model.js';
import type { Subject, Vertex } from '../../model/subject.js';
import { NODES, TABLES } from '../../model/vertices.js';
import type { Overlay as Numbers } from '../../document/parse.js';
import { namesOf, scaleOf, type Scale } from './scales.js';

/** A strip shows at most so many turns one by one. */
const MOST_CELLS = 24;

/** Numbers by table and id. An overlay has nothing to say of the rows of a table that it lacks. */
type Values = Map<string, Map<number, Float>>;

export class Overlay {
  private known: { values: Values; scale: Scale } | undefined;

  /** The numbers are asked for when they are first shown. */
  constructor(
    readonly name: string,
    private readonly unit: string,
    private readonly on: ReadonlySet<string>,
    private readonly read: () => Values,
    /** What some vertices have together, where that is not the sum of their numbers. */
    private readonly together?: (vertices: number[]) => number,
    /** Whether some vertices have a number that nobody knows. */
    private readonly lacks: (vertices: number[]) => boolean = () => false,
  ) {}

  private get values(): Values {
    return this.whole.values;
  }

  get scale(): Scale {
    return this.whole.scale;
  }

  private get whole(): { values: Values; scale: Scale } {
    if (!this.known) {
      const values = this.read();
      const numbers = [...values.values()].flatMap(of => [...of.values()].map(format.float));
      this.known = { values, scale: scaleOf(this.name, this.unit, numbers) };
    }
    return this.known;
  }

  get label(): string {
    return shorten(namesOf(this.name).label, 32);
  }

  get short(): string {
    return shorten(namesOf(this.name).short, 16);
  }

  /** The number of a vertex, if there is one. */
  of(vertex: Vertex): Float | undefined {
    return vertex.ref && this.values.get(vertex.ref.table)?.get(vertex.ref.id);
  }

  /** `Time 36 µs` */
  words(vertex: Vertex): string | undefined {
    const value = this.of(vertex);
    return value === undefined ? undefined : `${this.label} ${this.scale.text(value)}`;
  }

  tints(picture: Picture, subject: Subject): Tints {
    const known = new Map<number, Tint | undefined>();
    return box => {
      if (!known.has(box)) known.set(box, this.tint(picture, subject, box));
      return known.get(box);
    };
  }

  private tint(picture: Picture, subject: Subject, box: number): Tint | undefined {
    const { vertex, group } = picture.scene.boxes[box]!;
    if (group) return this.groupTint(group, subject);
    if (!vertex || vertex.kind === 'torn' || vertex.kind === 'output') return undefined;
    // Beside a node with a number, its op without one is no lack.
    if (subject.sides && !this.on.has(vertex.ref?.table ?? '')) return undefined;
    const value = this.of(vertex);
    if (value === undefined) return this.none([subject.vertices.indexOf(vertex.key)]);
    return { fill: this.fill(format.float(value)), text: this.scale.text(value), ...this.alarm(value) };
  }

  private none(vertices: number[]): Tint {
    return { fill: 'none', text: this.lacks(vertices) ? 'Not known' : 'None' };
  }

  private alarm(value: Float): { alarm?: string } {
    const alarm = this.scale.alarm?.(format.float(value));
    return alarm === undefined ? {} : { alarm };
  }

  private fill(value: number): Fill {
    return Number.isFinite(value) ? COLOURS[this.scale.step(value)]! : 'bad';
  }

  private numbers(vertices: number[], subject: Subject): number[] {
    const { table, id } = subject.vertices.columns;
    const byCode = TABLES.map(name => this.values.get(name ?? ''));
    return vertices.flatMap(vertex => {
      const value = byCode[table[vertex]!]?.get(id[vertex]!);
      return value === undefined ? [] : [format.float(value)];
    });
  }

  private groupTint(group: Group, subject: Subject): Tint {
    const members = membersOf(group);
    const all = this.numbers(members.get(group)!, subject);
    if (!all.length) return this.none(members.get(group)!);
    const strip = group.kind === 'repeat' ? this.strip(group, members, subject) : undefined;
    if (this.scale.sums) {
      const sum = this.together?.(members.get(group)!) ?? all.reduce((a, b) => a + b, 0);
      const least = this.lacks(members.get(group)!) ? '≥ ' : '';
      return { fill: this.fill(sum), text: least + this.scale.text(sum), ...(strip ? { strip } : {}) };
    }
    const bad = all.find(value => !Number.isFinite(value));
    if (bad !== undefined) return { fill: 'bad', text: `${format.number(bad)} inside` };
    const [least, most] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
    const text =
      least === most ? this.scale.text(most) : `${this.scale.text(least)} … ${this.scale.text(most)}`;
    return { fill: 'plain', text, ...(strip ? { strip } : {}) };
  }

  /** A turn a cell, those nearest to the output first; of many turns the most of each few. */
  private strip(group: Group, members: Map<Group, number[]>, subject: Subject): Tint['strip'] {
    const turns = group.children.flatMap(child =>
      typeof child === 'number' ? [] : [this.numbers(members.get(child)!, subject)],
    );
    if (turns.length < 2) return undefined;
    const cells = Math.min(MOST_CELLS, turns.length);
    return Array.from({ length: cells }, (_, i) => {
      const from = Math.floor((i * turns.length) / cells);
      const values = turns.slice(from, Math.floor(((i + 1) * turns.length) / cells)).flat();
      if (!values.length) return 'none';
      return this.fill(values.reduce((a, b) => (Number.isNaN(a) ? a : Number.isNaN(b) ? b : Math.max(a, b))));
    });
  }
}

const collected = new WeakMap<Subject, Overlay[]>();

/** What there are numbers for in one direction: what the document brings, and what follows from its tables. */
export function overlaysOf(model: GraphModel, subject: Subject): Overlay[] {
  let found = collected.get(subject);
  if (!found) collected.set(subject, (found = collect(model, subject)));
  return found;
}

function collect(model: GraphModel, subject: Subject): Overlay[] {
  const { direction } = subject;
  const tables = direction === 'both' ? ['nodes', 'ops'] : direction === 'backward' ? ['nodes'] : ['ops'];
  const given = new Map<string, Numbers[]>();
  for (const overlay of model.document.overlays) {
    if (!tables.includes(overlay.on) || !overlay.values.length) continue;
    given.set(overlay.name, [...(given.get(overlay.name) ?? []), overlay]);
  }
  const overlays = [...given].map(([name, parts]) => {
    const on = new Set<string>(parts.map(part => part.on));
    // Of several passes a node has the numbers of the last one it ran in.
    const read = (): Values =>
      new Map(
        [...on].map(table => [
          table,
          new Map(
            parts.flatMap(part =>
              part.on === table ? part.values.map(({ id, value }) => [id, value] as const) : [],
            ),
          ),
        ]),
      );
    return new Overlay(name, parts[0]!.unit, on, read);
  });
  const { savedBytes, unknown, table, id } = subject.vertices.columns;
  if (!given.has('saved_bytes') && savedBytes.some(bytes => bytes > 0)) {
    const read = (): Values => {
      const saved = new Map<number, Float>();
      savedBytes.forEach((bytes, at) => {
        if (table[at] === NODES && bytes > 0) saved.set(id[at]!, bytes);
      });
      return new Map([['nodes', saved]]);
    };
    const together = (vertices: number[]): number => subject.vertices.saved(vertices);
    const lacks = (vertices: number[]): boolean => vertices.some(vertex => unknown[vertex] === 1);
    overlays.push(new Overlay('saved_bytes', 'B', new Set(['nodes']), read, together, lacks));
  }
  return overlays;
}
