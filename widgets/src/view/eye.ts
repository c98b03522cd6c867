/** Where the eye begins in a picture. */
import type { Picture } from '../draw/picture.js';

/** From the left: at what is on top. In the backward graph that is the output. */
export function focusOf(picture: Picture): number {
  if (picture.scene.direction !== 'backward') {
    const { top } = picture.boxes;
    let first = 0;
    for (let box = 1; box < picture.scene.boxes.length; box++) if (top[box]! < top[first]!) first = box;
    return picture.layout.x[first] ?? 0;
  }
  const output = picture.scene.boxes.findIndex(
    box => box.vertex?.kind === 'output' || box.vertex?.kind === 'failed',
  );
  return picture.layout.x[Math.max(0, output)] ?? 0;
}
