/** Writes a graph as ONNX, so that other viewers can be given the same one: nodes, names, who reads whom. */

class Message {
  private readonly parts: Buffer[] = [];

  private varint(value: number): void {
    const bytes: number[] = [];
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
    this.parts.push(Buffer.from([...bytes, value]));
  }

  number(field: number, value: number): this {
    this.varint(field * 8);
    this.varint(value);
    return this;
  }

  bytes(field: number, value: Buffer | string): this {
    const data = Buffer.from(value as string);
    this.varint(field * 8 + 2);
    this.varint(data.length);
    this.parts.push(data);
    return this;
  }

  get data(): Buffer {
    return Buffer.concat(this.parts);
  }
}

export interface Node {
  id: number;
  op: string;
  inputs: number[];
}

export function onnx(nodes: Node[]): Buffer {
  const graph = new Message();
  for (const { id, op, inputs } of nodes) {
    const node = new Message();
    for (const input of inputs) node.bytes(1, `v${input}`);
    graph.bytes(1, node.bytes(2, `v${id}`).bytes(3, `n${id}`).bytes(4, op).data);
  }
  graph.bytes(2, 'graph');
  const opset = new Message().bytes(1, '').number(2, 18);
  return new Message().number(1, 9).bytes(7, graph.data).bytes(8, opset.data).data;
}
