/** Pictures of documents, as a view would show them, without a page. */
import { FONTS, type Measure } from '../../../widgets/src/draw/content.js';
import { contentsOf, layoutInput, Picture } from '../../../widgets/src/draw/picture.js';
import { buildScene } from '../../../widgets/src/groups/scene.js';
import { LayoutClient } from '../../../widgets/src/layout/client.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { parse } from '../../../widgets/src/document/parse.js';
import { Trace, type Direction } from '../../../widgets/src/view/trace.js';
import type { Loose } from './goldens.js';

export const measure: Measure = (text, font) => text.length * FONTS[font].size * 0.58;

export interface Shown {
  model: GraphModel;
  trace: Trace;
  picture: Picture;
}

export function pictureOf(trace: Trace): Picture {
  const scene = buildScene(trace.subject, trace.tree, trace.open, trace.strips);
  const contents = contentsOf(scene, measure);
  let picture: Picture | undefined;
  // Small ones are laid out at once.
  new LayoutClient().request(layoutInput(scene, contents), result => {
    picture = new Picture(scene, contents, result);
  });
  return picture!;
}

export function shown(document: Loose, direction: Direction = 'backward'): Shown {
  const model = new GraphModel(parse(document).document);
  const trace = new Trace(direction, model, undefined);
  return { model, trace, picture: pictureOf(trace) };
}
