/** What vertices and groups look like, as numbers: equal signs are equal to the eye. */
import type { GraphModel } from '../model/model.js';
import type { Subject } from '../model/subject.js';
import { lineNumbers } from '../model/lines.js';
import { Texts } from '../model/texts.js';
import { LEAF } from '../model/vertices.js';
import { Pairs } from './pairs.js';
import type { Child, Group } from './tree.js';

export class Signs {
  private readonly vertices: Int32Array;
  private readonly groups = new Map<Group, number>();
  private readonly texts = new Texts();
  /** Of vertices the first number is not negative, of groups it is. */
  private readonly signs = new Pairs();
  private readonly heads = new Pairs();

  constructor(subject: Subject, model: GraphModel) {
    const { kind, name, names, site, shape } = subject.vertices.columns;
    const sites = model.document.tables.sites;
    const places = lineNumbers(model);
    const [said, placed] = [new Pairs(), new Pairs()];
    // Numbers in names tell equal things apart.
    const general = names.all.map(each => this.texts.of(each.replace(/\d+/g, '#')));
    this.vertices = new Int32Array(subject.vertices.length);
    for (let at = 0; at < this.vertices.length; at++) {
      const row = kind[at] === LEAF || site[at]! < 0 ? -1 : sites.find(site[at]);
      const place = placed.of(row < 0 ? -1 : places[row]!, shape[at]!);
      this.vertices[at] = this.signs.of(said.of(kind[at]!, general[name[at]!]!), place);
    }
  }

  /** Of a group when its inside is final. */
  of(child: Child): number {
    if (typeof child === 'number') return this.vertices[child]!;
    let sign = this.groups.get(child);
    if (sign === undefined) {
      const type = child.kind === 'module' ? child.type || child.name : child.type;
      const head = this.heads.of(this.texts.of(`${child.kind} ${type}`), child.times);
      sign = this.signs.of(-1 - 2 * head, 0);
      for (const each of child.children) sign = this.signs.of(-2 - 2 * sign, this.of(each));
      this.groups.set(child, sign);
    }
    return sign;
  }
}
