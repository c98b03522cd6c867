/** What belongs to a box though no link leads to it: the same leaf's other uses, and nodes that one built. */
import * as format from '../document/format.js';
import type { Picture } from '../draw/picture.js';
import type { Box } from '../groups/scene.js';
import type { GraphModel } from '../model/model.js';
import type { Subject, Vertex } from '../model/subject.js';
import { cells, nameOf } from './words.js';
import type { Ways } from './ways.js';

/** The nodes that were built while a node was evaluated, and the one while which it was built. */
function built(vertex: Vertex, model: GraphModel): number[] {
  if (vertex.ref?.table !== 'nodes') return [];
  const node = model.nodes.get(vertex.ref.id);
  if (!node) return [];
  const by = model.createdBy(node);
  const made = model.builtBy(node.id);
  return by === undefined ? made : [by, ...made];
}

/** The box that the panel tells of: for a port of a closed group, which stands for several things, the group. */
export function toldOf({ scene: { boxes, standsFor } }: Picture, box: number): Box {
  const { vertex } = boxes[box]!;
  const hub = vertex?.kind === 'port' && !vertex.ref ? standsFor.get(box) : undefined;
  return boxes[hub ?? box]!;
}

/** The op of a node, the node of an op: where both are in one picture they stand side by side. */
export function tiedTo(picture: Picture | undefined, box: number): Set<number> {
  const partner = picture?.scene.partners.get(box);
  return new Set(partner === undefined ? [] : [partner]);
}

/** The key, in another direction, of what has `key` in this one: the same, or the partner's. */
export function keyIn(subject: Subject, key: string | undefined, model: GraphModel): string | undefined {
  const has = (wanted: string): boolean => subject.vertices.indexOf(wanted) >= 0;
  return [key, model.partner(key)].find(each => each !== undefined && has(each));
}

export function partnersOf(
  picture: Picture,
  subject: Subject,
  model: GraphModel,
  ways: Ways,
  box: number,
): Set<number> {
  const { boxOf, boxes, standsFor } = picture.scene;
  const { vertex } = boxes[box]!;
  if (!vertex) return new Set();
  // A hub and its ports belong together.
  const hub = standsFor.get(box) ?? box;
  const ports = [...standsFor].flatMap(([port, of]) => (of === hub ? [port] : []));
  if (ports.length) return new Set([hub, ...ports].filter(each => each !== box));
  const at = subject.vertices.indexOf(vertex.key);
  const partners = new Set([
    ...tiedTo(picture, box),
    ...ways.uses(at).map(use => boxOf[use]!),
    ...built(vertex, model).map(id => picture.indexOf(`n${id}`)),
  ]);
  partners.delete(box);
  partners.delete(-1);
  return partners;
}

/** `of relu`, `grad_fn ReluBackward0`: a node's op, or an op's node. */
export function partnerWords({ ref }: Vertex, model: GraphModel): string {
  if (ref?.table === 'ops') {
    const node = model.nodeOfOp.get(ref.id);
    return node ? `grad_fn ${node.name}` : '';
  }
  const op = ref?.table === 'nodes' ? model.nodes.get(ref.id)?.op : undefined;
  const made = op === undefined ? undefined : model.ops.get(op);
  return made ? `of ${made.name}` : '';
}

/** `W_hh, AccumulateGrad · [128, 128], 100 uses, one gradient` */
export function pointedWords(
  picture: Picture,
  subject: Subject,
  model: GraphModel,
  ways: Ways,
  box: number,
): string {
  const { vertex } = picture.scene.boxes[box]!;
  if (!vertex || vertex.kind === 'torn') return '';
  const uses = ways.uses(subject.vertices.indexOf(vertex.key)).length;
  const place = model.place(vertex.site)?.where;
  return [
    vertex.kind === 'port' ? cells(picture, box)[0] : nameOf(picture, box),
    vertex.shape,
    uses > 1 ? `${format.count(uses)} uses, one gradient` : '',
    partnerWords(vertex, model),
    place,
  ]
    .filter(Boolean)
    .join(' · ');
}
