/** The way from a document's text to coordinates, step by step, as the view goes it. */
import { parse, type Document } from '../../../widgets/src/document/parse.js';
import { contentsOf, layoutInput } from '../../../widgets/src/draw/picture.js';
import type { Content, Measure } from '../../../widgets/src/draw/content.js';
import { fold, GLANCE } from '../../../widgets/src/groups/fold.js';
import { initiallyOpen } from '../../../widgets/src/groups/open.js';
import { buildScene, type Scene } from '../../../widgets/src/groups/scene.js';
import { buildTree, groupsOf, type Group } from '../../../widgets/src/groups/tree.js';
import { layout } from '../../../widgets/src/layout/layout.js';
import type { LayoutResult } from '../../../widgets/src/layout/types.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import type { Subject } from '../../../widgets/src/model/subject.js';
import { stripsOf, type Strip } from '../../../widgets/src/model/torn.js';

export interface Drawn {
  scene: Scene;
  contents: Content[];
  layout: LayoutResult;
}

export interface Steps {
  parse(text: string): Document;
  firstPicture(): Drawn;
  expandAll(): Drawn;
  draw(open: ReadonlySet<string>): Drawn;
  tree(): Group;
}

/** About the widths that a browser's sans serif has. */
export const measure: Measure = (text, font) => text.length * (font === 'mono' ? 6.6 : 6);

export function open(): Steps {
  let document: Document;
  let subject: Subject;
  let tree: Group;
  let strips: Strip[];
  const draw = (opened: ReadonlySet<string>): Drawn => {
    const scene = buildScene(subject, tree, opened, strips);
    const contents = contentsOf(scene, measure);
    return { scene, contents, layout: layout(layoutInput(scene, contents)) };
  };
  return {
    parse: text => (document = parse(JSON.parse(text)).document),
    firstPicture() {
      const model = new GraphModel(document);
      subject = backwardSubject(model);
      tree = buildTree(subject, model);
      if (subject.vertices.length > GLANCE) fold(tree, subject, model);
      strips = stripsOf(subject, model);
      return draw(initiallyOpen(tree, strips.length > 0));
    },
    expandAll: () => draw(new Set(groupsOf(tree).map(group => group.key))),
    draw,
    tree: () => tree,
  };
}
