/** The boxes of a picture as the rows of an outline: from the top, left to right, a frame before what it holds. */
import type { Picture } from '../draw/picture.js';

export class Outline {
  /** Boxes in order. */
  readonly order: Int32Array;
  /** Row of each box. */
  readonly rowOf: Int32Array;
  /** Of each box: depth from 1, place among its siblings from 1, and how many these are. */
  readonly level: Int32Array;
  readonly place: Int32Array;
  readonly siblings: Int32Array;

  constructor(picture: Picture) {
    const { boxes } = picture.scene;
    const count = boxes.length;
    this.order = new Int32Array(count);
    this.rowOf = new Int32Array(count);
    this.level = new Int32Array(count);
    this.place = new Int32Array(count);
    this.siblings = new Int32Array(count);
    const inside: number[][] = Array.from({ length: count + 1 }, () => []);
    boxes.forEach((box, i) => inside[box.parent + 1]!.push(i));
    const { top } = picture.boxes;
    const { x, y } = picture.layout;
    let rows = 0;
    const stack: number[] = [];
    const push = (parent: number): void => {
      const sorted = inside[parent + 1]!.sort((a, b) => top[a]! - top[b]! || y[a]! - y[b]! || x[a]! - x[b]!);
      sorted.forEach((box, i) => {
        this.place[box] = i + 1;
        this.siblings[box] = sorted.length;
        this.level[box] = parent < 0 ? 1 : this.level[parent]! + 1;
      });
      for (let i = sorted.length - 1; i >= 0; i--) stack.push(sorted[i]!);
    };
    push(-1);
    while (stack.length) {
      const box = stack.pop()!;
      this.rowOf[box] = rows;
      this.order[rows++] = box;
      if (boxes[box]!.open) push(box);
    }
  }
}
