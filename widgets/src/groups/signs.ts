/** What vertices and groups look like, as numbers: equal signs are equal to the eye. */
import type { GraphModel } from '../model/model.js';
import type { Subject } from '../model/subject.js';
import type { Child, Group } from './tree.js';

export class Signs {
  private readonly vertices: Int32Array;
  private readonly groups = new Map<Group, number>();
  private readonly known = new Map<string, number>();

  constructor(subject: Subject, model: GraphModel) {
    const places = placeNumbers(model);
    const names = new Map<string, string>();
    this.vertices = Int32Array.from(subject.vertices, ({ kind, name, site, shape }) => {
      let general = names.get(name);
      if (general === undefined) names.set(name, (general = name.replace(/\d+/g, '#')));
      const place = kind === 'leaf' || site === undefined ? '' : places.get(site);
      return this.intern(`${kind} ${general} ${place} ${shape}`);
    });
  }

  private intern(text: string): number {
    let sign = this.known.get(text);
    if (sign === undefined) this.known.set(text, (sign = this.known.size));
    return sign;
  }

  /** Of a group when its inside is final. */
  of(child: Child): number {
    if (typeof child === 'number') return this.vertices[child]!;
    let sign = this.groups.get(child);
    if (sign === undefined) {
      const inside = child.children.map(each => this.of(each));
      sign = this.intern(`${child.kind} ${child.type} ${child.times}(${inside.join()})`);
      this.groups.set(child, sign);
    }
    return sign;
  }
}

/** The same number for sites of one place: CPython moves a call's instruction once it has run a few times. */
function placeNumbers(model: GraphModel): Map<number, number> {
  const numbers = new Map<string, number>();
  return new Map(
    model.document.sites.map(({ id, ...place }) => {
      const text = JSON.stringify(place);
      let number = numbers.get(text);
      if (number === undefined) numbers.set(text, (number = numbers.size));
      return [id, number];
    }),
  );
}
