/** Boxes that stand side by side: an op and the node that it made, where both are in sight. */
import type { Subject } from '../model/subject.js';
import type { Box } from './scene.js';

/** By box, both ways. What a closed group holds has no box of its own: the group is its own partner. */
export function partnerBoxes({ sides }: Subject, boxes: Box[], boxOf: Int32Array): Map<number, number> {
  const found = new Map<number, number>();
  sides?.partner.forEach((partner, vertex) => {
    if (partner < 0) return;
    const [box, other] = [boxOf[vertex]!, boxOf[partner]!];
    if (boxes[box]!.vertex && boxes[other]!.vertex) found.set(box, other);
  });
  return found;
}
