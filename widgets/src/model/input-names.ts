/** What the user calls the tensor that an edge leads to, where the document is certain of it. */
import type { GraphModel } from './model.js';

/** The last part of the name, by the rows of two nodes and the number of the input; '' where there is none. */
export function inputNames({
  document: { tables },
}: GraphModel): (from: number, to: number, input: number) => string {
  const { ops, nodes, tensors } = tables;
  const [variables, opOf, ids] = [nodes.numbers('variable'), nodes.numbers('op'), nodes.numbers('id')];
  const [made, outputs] = [tensors.numbers('grad_fn'), tensors.numbers('output_nr')];
  const name = (tensor: number): string => {
    const whole = tensors.value(tensor, 'name');
    return whole === undefined ? '' : whole.slice(whole.lastIndexOf('.') + 1);
  };
  return (from, to, input) => {
    if (variables[to]! >= 0) {
      const tensor = tensors.find(variables[to]);
      return tensor < 0 ? '' : name(tensor);
    }
    const op = opOf[from]! < 0 ? -1 : ops.find(opOf[from]);
    if (op < 0) return '';
    const { start, items } = ops.lists('inputs');
    for (let k = start[op]!; k < start[op + 1]!; k++) {
      const tensor = tensors.find(items[k]);
      if (tensor >= 0 && made[tensor] === ids[to] && Math.max(0, outputs[tensor]!) === input)
        return name(tensor);
    }
    return '';
  };
}
