/** What the document calls the groups that a vertex is in. */
import { count } from '../document/format.js';
import type { GraphModel } from '../model/model.js';
import type { Subject } from '../model/subject.js';
import type { Columns } from '../model/vertices.js';
import type { GroupKind } from './tree.js';

/** One object a group's name: equal labels are the same one. */
export interface Label {
  kind: GroupKind;
  id: string;
  name: string;
  type: string;
}

/** A graph of fewer vertices shows its cells in the panel alone. */
const CELLS_FROM = 60;

const NONE: Label[] = [];

/**
 * The nests of groups that vertices belong to, outermost first: turns of loops, then modules along the path, or the
 * cell of what is in none.
 */
export class Labels {
  private readonly columns: Columns;
  private readonly types = new Map<string, string>();
  private readonly turns = new Map<string, Label[]>();
  /** By site, and by the cell of the site. */
  private readonly cells = new Map<number, Label[]>();
  private readonly byCell = new Map<number, Label[]>();
  private readonly modules = new Map<string, Label[]>();
  /** Nests of what is in no loop, by module. */
  private readonly plain: (Label[] | undefined)[] = [];
  private readonly nests = new Map<string, Label[]>();
  private readonly severalCells: boolean;

  constructor(
    private readonly model: GraphModel,
    { vertices }: Subject,
  ) {
    this.columns = vertices.columns;
    const first = new Set<Label>();
    for (let at = 0; vertices.length >= CELLS_FROM && at < vertices.length && first.size < 2; at++)
      for (const label of this.cellOf(this.columns.site[at]!)) first.add(label);
    this.severalCells = first.size > 1;
    const { modules } = model.document.tables;
    const [paths, types] = [modules.coded('path'), modules.coded('type')];
    for (let i = 0; i < modules.length; i++)
      this.types.set(paths.values[paths.index[i]!] as string, types.values[types.index[i]!] as string);
  }

  of(vertex: number): Label[] {
    const { module, repeat, turn, site } = this.columns;
    const at = module[vertex]!;
    if (at < 0 && this.severalCells) {
      const turns = this.turnOf(repeat[vertex]!, turn[vertex]!);
      return this.joined(turns, this.cellOf(site[vertex]!));
    }
    if (repeat[vertex]! >= 0)
      return this.joined(this.turnOf(repeat[vertex]!, turn[vertex]!), this.moduleOf(at));
    return this.moduleOf(at);
  }

  private joined(outer: Label[], inner: Label[]): Label[] {
    if (!outer.length || !inner.length) return outer.length ? outer : inner;
    const key = `${outer[0]!.id} ${inner[inner.length - 1]!.id}`;
    let nest = this.nests.get(key);
    if (!nest) this.nests.set(key, (nest = [...outer, ...inner]));
    return nest;
  }

  private turnOf(repeat: number, turn: number): Label[] {
    if (repeat < 0) return NONE;
    const id = `${repeat}.${turn}`;
    let found = this.turns.get(id);
    if (!found) {
      const { count: of, site } = this.model.repeats.get(repeat) ?? {};
      // Of several loops each is told by where it begins.
      const line = this.model.repeats.size > 1 ? this.model.place(site)?.line : undefined;
      const type = line === undefined ? '' : `line ${line}`;
      const number = count(turn + 1);
      const name = of ? `turn ${number} of ${count(of)}` : `turn ${number}`;
      this.turns.set(id, (found = [{ kind: 'turn', id, name, type }]));
    }
    return found;
  }

  private cellOf(site: number): Label[] {
    if (site < 0) return NONE;
    let found = this.cells.get(site);
    if (!found) {
      const cell = this.model.place(site)?.cell;
      this.cells.set(site, (found = cell ? this.labelOfCell(cell.id, this.model.cellName(cell)) : NONE));
    }
    return found;
  }

  private labelOfCell(cell: number, name: string): Label[] {
    let found = this.byCell.get(cell);
    if (!found) this.byCell.set(cell, (found = [{ kind: 'cell', id: `cell ${cell}`, name, type: '' }]));
    return found;
  }

  private moduleOf(at: number): Label[] {
    if (at < 0) return NONE;
    const path = this.columns.modules[at];
    return (this.plain[at] ??= path === undefined ? NONE : this.nestOf(path));
  }

  /** The modules along a path, as far as the document knows them: those of the path above, and its own. */
  private nestOf(path: string): Label[] {
    const unknown: string[] = [];
    let nest: Label[] | undefined;
    for (let part = path; !(nest = this.modules.get(part));) {
      unknown.push(part);
      const end = part.lastIndexOf('.');
      if (end < 0) break;
      part = part.slice(0, end);
    }
    nest ??= NONE;
    for (let part = unknown.pop(); part !== undefined; part = unknown.pop()) {
      const type = this.types.get(part);
      // A module that no variable leads to is called by its class.
      const more = type === part ? '' : type;
      if (more !== undefined) nest = [...nest, { kind: 'module', id: part, name: part, type: more }];
      this.modules.set(part, nest);
    }
    return nest;
  }
}
