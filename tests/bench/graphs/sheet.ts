/**
 * Writes documents of the real format as a recorded program would: ops make nodes, tensors and saved variables.
 * Tables past 1,000 rows are written as columns, with the encodings of the engine's writer (core/inspect/table.cpp).
 */
type Row = Record<string, unknown>;

/** A tensor of the program; `node` is its grad_fn or, of a leaf that was used, its AccumulateGrad. */
export interface Value {
  tensor: number;
  node: number | undefined;
  leaf: boolean;
}

export interface OpOptions {
  shape?: number[];
  /** Names of saved variables and what they hold; `result` stands for the op's own result. */
  saved?: [name: string, of: Value | 'result'][];
  line?: number;
  module?: number;
}

const COLUMNS_FROM = 1000;

export class Sheet {
  private readonly tables: Record<string, Row[]> = {
    nodes: [], edges: [], ops: [], tensors: [], storages: [], saved: [], modules: [], sites: [],
  }; // prettier-ignore
  private readonly leaves = new Map<number, number>();
  private readonly sites = new Map<number, number>();

  constructor(private readonly title: string) {}

  get nodes(): number {
    return this.tables.nodes!.length;
  }

  private tensor(row: Row, shape: number[]): number {
    const id = this.tables.tensors!.length + 1;
    const bytes = shape.reduce((product, size) => product * size, 4);
    this.tables.storages!.push({ id, bytes });
    this.tables.tensors!.push({ id, dtype: 'float32', shape, bytes, storage: id, version: 0, ...row });
    return id;
  }

  leaf(name: string, shape: number[], requiresGrad = true): Value {
    return {
      tensor: this.tensor({ name, ...(requiresGrad ? { requires_grad: true } : {}) }, shape),
      node: undefined,
      leaf: requiresGrad,
    };
  }

  module(path: string, type: string): number {
    return this.tables.modules!.push({ id: this.tables.modules!.length + 1, path, type });
  }

  private site(line: number): number {
    let id = this.sites.get(line);
    if (id === undefined) {
      id = this.tables.sites!.push({ id: this.sites.size + 1, cell: 1, line, column: 4, end_column: 20 });
      this.sites.set(line, id);
    }
    return id;
  }

  private target(value: Value): number | undefined {
    if (!value.leaf) return value.node;
    let node = this.leaves.get(value.tensor);
    if (node === undefined) {
      node = this.nodes + 1;
      const shape = this.tables.tensors![value.tensor - 1]!.shape;
      this.tables.nodes!.push({
        id: node,
        name: 'AccumulateGrad',
        inputs: [{ dtype: 'float32', shape }],
        variable: value.tensor,
      });
      this.leaves.set(value.tensor, node);
    }
    return node;
  }

  /** `op('mm', 'MmBackward0', [a, b])`: the value that the op makes, with a node that leads to those of its inputs. */
  op(name: string, node: string, inputs: Value[], options: OpOptions = {}): Value {
    const { shape = [64, 64], saved = [], line = 1, module } = options;
    const op = this.tables.ops!.length + 1;
    const targets = inputs.map(input => this.target(input));
    const id = this.nodes + 1;
    const tensor = this.tensor({ grad_fn: id }, shape);
    this.tables.nodes!.push({
      id,
      name: node,
      op,
      inputs: [{ dtype: 'float32', shape }],
      ...(inputs.length > 100 ? {} : { derivatives: inputs.map((_, i) => `grad * d${i}`) }),
      sequence_nr: op,
    });
    targets.forEach((to, index) => {
      if (to !== undefined) this.tables.edges!.push({ from: id, to, ...(index ? { index } : {}) });
    });
    for (const [slot, of] of saved) {
      const kept = of === 'result' ? tensor : of.tensor;
      this.tables.saved!.push({ id: this.tables.saved!.length + 1, node: id, name: slot, tensor: kept, version: 0 });
    } // prettier-ignore
    this.tables.ops!.push({
      id: op,
      name,
      inputs: inputs.map(input => input.tensor),
      outputs: [tensor],
      site: this.site(line),
      ...(module === undefined ? {} : { module }),
    });
    return { tensor, node: id, leaf: false };
  }

  name(value: Value, name: string): void {
    this.tables.tensors![value.tensor - 1]!.name = name;
  }

  document(): Record<string, unknown> {
    const source = 'def forward(x):\n    return x\n';
    return {
      version: '1.0',
      generator: 'tapescope bench',
      title: this.title,
      cell: 1,
      cells: [{ id: 1, execution_count: 1, hash: '0123456789abcdef', source }],
      ...Object.fromEntries(
        Object.entries(this.tables).map(([name, rows]) => [name, rows.length > COLUMNS_FROM ? columns(rows) : rows]),
      ),
    }; // prettier-ignore
  }
}

/** A table's rows as columns. */
export function columns(rows: Row[]): Row {
  const names = [...new Set(rows.flatMap(row => Object.keys(row)))];
  return {
    length: rows.length,
    columns: Object.fromEntries(names.map(name => [name, column(rows.map(row => row[name]))])),
  };
}

function column(values: unknown[]): Row {
  if (values.every(value => value === undefined || typeof value === 'number')) {
    return integers(values.map(value => (value ?? -1) as number));
  }
  const isIds = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every(item => typeof item === 'number');
  const distinct = new Map<string, number>();
  const index = values.map(value => {
    if (value === undefined) return -1;
    const text = JSON.stringify(value);
    if (!distinct.has(text)) distinct.set(text, distinct.size);
    return distinct.get(text)!;
  });
  if (values.every(isIds) && distinct.size > values.length / 4) {
    const lists = values as number[][];
    return { encoding: 'lists', lengths: numbers(lists.map(list => list.length)), values: numbers(lists.flat()) };
  } // prettier-ignore
  return {
    encoding: 'dictionary',
    values: [...distinct.keys()].map(text => JSON.parse(text)),
    index: numbers(index),
  };
}

/** The least number of a type stands for absent among differences. */
const TYPES = [
  ['i8', Int8Array, 0x7f],
  ['i16', Int16Array, 0x7fff],
  ['i32', Int32Array, 0x7fffffff],
  ['f64', Float64Array, Infinity],
] as const;

const typeFor = (values: number[]): (typeof TYPES)[number] => {
  let most = 0;
  for (const value of values) if (!Number.isNaN(value)) most = Math.max(most, Math.abs(value));
  return TYPES.find(([, , limit]) => most <= limit)!;
};

/** The first number that is there. */
const baseOf = (values: number[]): number => values.find(value => value !== -1) ?? 0;

/** Differences from the last number that is there, the first from the base; NaN is absent. */
function differencesOf(values: number[]): number[] {
  let before = baseOf(values);
  return values.map(value => {
    if (value === -1) return NaN;
    const difference = value - before;
    before = value;
    return difference;
  });
}

/** Runs if they are few, else the narrowest type, plain or as differences. */
function numbers(values: number[]): Row {
  const runs: number[][] = [];
  for (let i = 0; i < values.length && runs.length <= values.length / 16 + 1;) {
    const step = i + 1 < values.length ? values[i + 1]! - values[i]! : 0;
    let n = 1;
    while (i + n < values.length && values[i + n]! - values[i + n - 1]! === step) n++;
    runs.push([n, values[i]!, n > 1 ? step : 0]);
    i += n;
  }
  if (runs.length <= values.length / 16 + 1) return { encoding: 'runs', runs };
  const differences = differencesOf(values);
  const [plain, stepped] = [typeFor(values), typeFor(differences)];
  const delta = stepped[1].BYTES_PER_ELEMENT < plain[1].BYTES_PER_ELEMENT;
  const [type, Kind, limit] = delta ? stepped : plain;
  const data = Kind.from(
    delta ? differences.map(value => (Number.isNaN(value) ? -limit - 1 : value)) : values,
  );
  const base64 = bytesToBase64(new Uint8Array(data.buffer));
  return { encoding: 'binary', type, ...(delta ? { delta, base: baseOf(values) } : {}), base64 };
}

/** Few numbers that come again and again are told apart by one byte. */
function integers(values: number[]): Row {
  const distinct = [...new Set(values)].filter(value => value !== -1);
  const width = Math.min(
    typeFor(values)[1].BYTES_PER_ELEMENT,
    typeFor(differencesOf(values))[1].BYTES_PER_ELEMENT,
  );
  if (width === 1 || distinct.length > 127) return numbers(values);
  const code = new Map(distinct.map((value, i) => [value, i]));
  return { encoding: 'dictionary', values: distinct, index: numbers(values.map(value => code.get(value) ?? -1)) };
} // prettier-ignore

function bytesToBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
