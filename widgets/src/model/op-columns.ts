/** The columns of vertices that stand for ops and for the tensors that they read and made, gathered by row number. */
import { shape as shapeText } from '../document/format.js';
import type { GraphModel } from './model.js';
import { emptyColumns, FAILED, findingCode, LEAF, NODE, OPS, OUTPUT, TENSORS, Vertices } from './vertices.js';

/** What the vertices are, in the order in which they are drawn. */
export interface OpStanding {
  /** The op, by row; of a tensor the one that first read it, or made it: it is in the same turn. */
  op: number[];
  /** The tensor, by row; -1 for an op. */
  tensor: number[];
  /** Tells apart what stands for the same tensor. */
  use: string[];
  /** LEAF or OUTPUT, of the vertices that are tensors. */
  ends: Map<number, number>;
}

/** `failed`: the row of the op that raised, or -1. */
export function opColumns(
  model: GraphModel,
  { op, tensor, use, ends }: OpStanding,
  failed: number,
): Vertices {
  const { ops, tensors, modules } = model.document.tables;
  const columns = emptyColumns(op.length);
  const { names, shapes } = columns;
  columns.modules = Array.from({ length: modules.length }, (_, i) => modules.value(i, 'path'));
  const [ids, sites, repeats, turns] = [ops.numbers('id'), ops.numbers('site'), ops.numbers('repeat'), ops.numbers('turn')]; // prettier-ignore
  const [tensorIds, module, first] = [tensors.numbers('id'), modules.findAll(ops.numbers('module')), firstResults(model)]; // prettier-ignore
  const opNames = ops.coded('name');
  const codes = opNames.values.map(name => names.of(name as string));
  const hooks = hooksOfOps(model);
  const known = new Map<unknown, number>();
  const shapeOf = (row: number): number => {
    const sizes = row < 0 ? undefined : tensors.value(row, 'shape');
    let code = known.get(sizes);
    if (code === undefined) known.set(sizes, (code = shapes.of(sizes ? shapeText(sizes) : '')));
    return code;
  };
  const role = (row: number): string => (tensors.value(row, 'requires_grad') ? 'leaf' : 'input');
  for (let at = 0; at < op.length; at++) {
    const row = op[at]!;
    if (repeats[row]! >= 0) {
      columns.repeat[at] = repeats[row]!;
      columns.turn[at] = Math.max(0, turns[row]!);
    }
    const of = tensor[at]!;
    if (of >= 0) {
      const kind = ends.get(at)!;
      columns.kind[at] = kind;
      columns.name[at] = names.of(tensors.value(of, 'name') ?? (kind === LEAF ? role(of) : 'output'));
      columns.shape[at] = shapeOf(of);
      columns.table[at] = TENSORS;
      columns.id[at] = tensorIds[of]!;
      continue;
    }
    columns.kind[at] = row === failed ? FAILED : NODE;
    columns.name[at] = codes[opNames.index[row]!]!;
    columns.shape[at] = shapeOf(first[row]!);
    columns.module[at] = module[row]!;
    columns.site[at] = sites[row]!;
    columns.time[at] = ids[row]!;
    columns.hooks[at] = hooks[row]!;
    columns.table[at] = OPS;
    columns.id[at] = ids[row]!;
    if (row === failed) columns.finding[at] = ERROR;
  }
  return new Vertices(columns, {
    key: at => {
      if (tensor[at]! < 0) return `o${columns.id[at]}`;
      return `${columns.kind[at] === OUTPUT ? 't' : 'l'}${columns.id[at]}${use[at]}`;
    },
    note: at => {
      if (tensor[at]! < 0) return '';
      const shape = shapes.all[columns.shape[at]!]!;
      return columns.kind[at] === LEAF ? `${role(tensor[at]!)} · ${shape}` : shape;
    },
    use: () => undefined,
  });
}

const ERROR = findingCode('error');

/** The first tensor that each op made, by row; -1 is absent. */
function firstResults({ document: { tables } }: GraphModel): Int32Array {
  const { start, items } = tables.ops.lists('outputs');
  const first = new Int32Array(start.length - 1).fill(-1);
  for (let op = 0; op < first.length; op++)
    if (start[op]! < start[op + 1]!) first[op] = tables.tensors.find(items[start[op]!]);
  return first;
}

/** How many hooks fire at the node of each op, by row. */
function hooksOfOps(model: GraphModel): Int32Array {
  const { ops } = model.document.tables;
  const found = new Int32Array(ops.length);
  for (const [node, hooks] of model.hooksByNode) {
    const op = model.nodes.get(node)?.op;
    // Of several nodes of one op, the last is the one that made its result.
    if (op !== undefined && model.nodeOfOp.get(op)?.id === node && ops.find(op) >= 0)
      found[ops.find(op)] = hooks.length;
  }
  return found;
}
