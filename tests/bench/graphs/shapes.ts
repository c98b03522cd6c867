/** Graphs without modules: chains, random ones, wide ones, trees, ladders, a hub, many outputs. */
import { random } from './random.js';
import { Sheet, type Value } from './sheet.js';

type Document = Record<string, unknown>;

const NAMES = ['Mul', 'Add', 'Tanh', 'Sin', 'Exp', 'Mm', 'Sum', 'View', 'Relu', 'Cat'];

function any(sheet: Sheet, kind: number, inputs: Value[]): Value {
  const name = NAMES[kind % NAMES.length]!;
  return sheet.op(name.toLowerCase(), `${name}Backward0`, inputs, { line: 1 + (kind % 40) });
}

/** `length` nodes in a row that do not repeat; every fifth has a leaf of its own. */
export function chain(length: number): Document {
  const sheet = new Sheet('y');
  const next = random(7);
  let x = sheet.leaf('x', [8, 8]);
  for (let i = 0; sheet.nodes < length; i++) {
    x = any(sheet, next(400), i % 5 ? [x] : [x, sheet.leaf(`w${i}`, [8, 8])]);
  }
  return sheet.document();
}

/** A loop of `turns` equal turns: multiply, tanh. */
export function loop(turns: number): Document {
  const sheet = new Sheet('y');
  const w = sheet.leaf('w', [8, 8]);
  let x = sheet.leaf('x', [8, 8]);
  for (let i = 0; i < turns; i++) {
    const product = sheet.op('mul', 'MulBackward0', [x, w], { line: 3 });
    x = sheet.op('tanh', 'TanhBackward0', [product], { line: 4, saved: [['result', 'result']] });
  }
  return sheet.document();
}

/** Each node reads two of the `window` values made last: the smaller the window, the deeper the graph. */
export function randomDag(nodes: number, window: number, seed = 1): Document {
  const sheet = new Sheet('y');
  const next = random(seed);
  const values = Array.from({ length: 6 }, (_, i) => sheet.leaf(`x${i}`, [8, 8]));
  while (sheet.nodes < nodes) {
    const pick = (): Value => values[values.length - 1 - next(Math.min(window, values.length))]!;
    values.push(any(sheet, next(60), next(4) ? [pick(), pick()] : [pick()]));
  }
  return sheet.document();
}

/** `width` rows of `depth` nodes side by side, joined to their neighbours now and then, summed at the end. */
export function wide(width: number, depth: number, seed = 2): Document {
  const sheet = new Sheet('y');
  const next = random(seed);
  let row = Array.from({ length: width }, (_, i) => sheet.leaf(`x${i}`, [8, 8]));
  for (let level = 0; level < depth; level++) {
    row = row.map((value, i) => {
      const other = row[Math.min(width - 1, Math.max(0, i - 1 + next(3)))]!;
      return any(sheet, next(30), other === value || next(3) ? [value] : [value, other]);
    });
  }
  sheet.op('cat', 'CatBackward0', row, { line: 9 });
  return sheet.document();
}

/** A sum of `leaves` leaves, in one node. */
export function fan(leaves: number): Document {
  const sheet = new Sheet('y');
  sheet.op('cat', 'CatBackward0', Array.from({ length: leaves }, (_, i) => sheet.leaf(`x${i}`, [4])), { line: 2 });
  return sheet.document();
} // prettier-ignore

/** `count` results of one value, none of them used. */
export function outputs(count: number): Document {
  const sheet = new Sheet('y');
  const x = sheet.op('exp', 'ExpBackward0', [sheet.leaf('x', [4])], { line: 1 });
  for (let i = 0; i < count; i++) sheet.name(any(sheet, i, [x]), `y${i}`);
  return sheet.document();
}

/** A binary tree of additions over `leaves` leaves. */
export function tree(leaves: number): Document {
  const sheet = new Sheet('y');
  let level = Array.from({ length: leaves }, (_, i) => sheet.leaf(`x${i}`, [4]));
  while (level.length > 1) {
    const above: Value[] = [];
    for (let i = 0; i < level.length; i += 2) {
      above.push(i + 1 < level.length ? any(sheet, 1, [level[i]!, level[i + 1]!]) : level[i]!);
    }
    level = above;
  }
  return sheet.document();
}

/** Two chains with rungs between them. */
export function ladder(rungs: number): Document {
  const sheet = new Sheet('y');
  let a = sheet.leaf('a', [4]);
  let b = sheet.leaf('b', [4]);
  for (let i = 0; i < rungs; i++) {
    a = any(sheet, i * 3, i % 3 ? [a] : [a, b]);
    b = any(sheet, i * 5 + 1, i % 4 ? [b] : [b, a]);
  }
  any(sheet, 1, [a, b]);
  return sheet.document();
}

/** A chain of `length` nodes of which every third reads one value that was made before all of them. */
export function hub(length: number): Document {
  const sheet = new Sheet('y');
  const mask = sheet.op('exp', 'ExpBackward0', [sheet.leaf('m', [4])], { line: 1 });
  let x = sheet.op('sin', 'SinBackward0', [sheet.leaf('x', [4])], { line: 2 });
  const next = random(3);
  for (let i = 0; i < length; i++) x = any(sheet, next(400), i % 3 ? [x] : [x, mask]);
  return sheet.document();
}
