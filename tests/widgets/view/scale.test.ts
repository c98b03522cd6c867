/** Large documents: every step from the text to the first picture, without recursion. */
import { describe, expect, it } from 'vitest';
import { parse } from '../../../widgets/src/document/parse.js';
import { contentsOf, layoutInput } from '../../../widgets/src/draw/picture.js';
import { FONTS } from '../../../widgets/src/draw/content.js';
import { fold, GLANCE } from '../../../widgets/src/groups/fold.js';
import { initiallyOpen } from '../../../widgets/src/groups/open.js';
import { buildScene } from '../../../widgets/src/groups/scene.js';
import { buildTree } from '../../../widgets/src/groups/tree.js';
import { layout } from '../../../widgets/src/layout/layout.js';
import { backwardSubject } from '../../../widgets/src/model/backward.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { chain, network, type Loose } from '../support/goldens.js';

/** As `chain`, but nothing repeats, each node has a second input far down, and all share one leaf. */
function tangle(length: number): Loose {
  const document = chain(length);
  document.tensors.push({ id: 2, dtype: 'float32', shape: [4], bytes: 16, name: 'w', requires_grad: true });
  document.nodes.push({ id: length + 1, name: 'AccumulateGrad', variable: 2 });
  for (let id = 1; id <= length; id++) {
    document.nodes[id].name = `Op${(id * id) % 911}x${(id * 7) % 13}Backward0`;
    document.edges.push({ from: id, to: length + 1, index: 1 });
    if (id > 500) document.edges.push({ from: id, to: id - 2 - ((id * 7919) % 490), index: 2 });
  }
  return document;
}

describe('the first picture of', () => {
  it.each([
    ['a chain of 50,000', chain(50_000)],
    ['a tangle of 20,000', tangle(20_000)],
    ['4,000 modules', network(4_000)],
  ])('%s is one that can be read', (_, document) => {
    const model = new GraphModel(parse(document).document);
    const subject = backwardSubject(model);
    const tree = buildTree(subject, model);
    fold(tree, subject, model);
    const scene = buildScene(subject, tree, initiallyOpen(tree));
    const contents = contentsOf(scene, (text, font) => text.length * FONTS[font].size * 0.58);
    const result = layout(layoutInput(scene, contents));
    expect(scene.boxes.length).toBeLessThanOrEqual(GLANCE + 10);
    expect(result.totalHeight).toBeGreaterThan(50);
  });
});
