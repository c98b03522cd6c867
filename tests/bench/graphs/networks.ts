/** Graphs of networks: a transformer with modules, an RNN that shares its parameters over the steps, a U-Net. */
import { Sheet, type Value } from './sheet.js';

type Document = Record<string, unknown>;

/** A transformer-like chain of about `nodes` nodes: blocks of attention and MLP, each a module with its parameters. */
export function transformer(nodes: number): Document {
  const sheet = new Sheet('loss');
  sheet.module('model', 'Transformer');
  let x: Value = sheet.op('embedding', 'EmbeddingBackward0', [sheet.leaf('model.embedding.weight', [1000, 64])], {
    module: sheet.module('model.embedding', 'Embedding'),
    line: 3,
  }); // prettier-ignore
  for (let block = 0; sheet.nodes < nodes - 40; block++) x = transformerBlock(sheet, block, x);
  const head = sheet.module('model.head', 'Linear');
  x = linear(sheet, 'model.head', x, head, 40);
  const loss = sheet.op('cross_entropy', 'NllLossBackward0', [x], {
    shape: [],
    saved: [['self', x]],
    line: 50,
  });
  sheet.name(loss, 'loss');
  return sheet.document();
}

function linear(sheet: Sheet, path: string, x: Value, module: number, line: number): Value {
  const weight = sheet.leaf(`${path}.weight`, [64, 64]);
  const bias = sheet.leaf(`${path}.bias`, [64]);
  const turned = sheet.op('t', 'TBackward0', [weight], { module, line });
  return sheet.op('addmm', 'AddmmBackward0', [bias, x, turned], {
    module,
    line,
    saved: [['mat1', x], ['mat2', turned]],
  }); // prettier-ignore
}

function norm(sheet: Sheet, path: string, x: Value, line: number): Value {
  const module = sheet.module(path, 'LayerNorm');
  const weight = sheet.leaf(`${path}.weight`, [64]);
  const bias = sheet.leaf(`${path}.bias`, [64]);
  return sheet.op('layer_norm', 'NativeLayerNormBackward0', [x, weight, bias], {
    module,
    line,
    saved: [['input', x]],
  });
}

function transformerBlock(sheet: Sheet, block: number, x: Value): Value {
  const path = `model.blocks.${block}`;
  if (block === 0) sheet.module('model.blocks', 'ModuleList');
  const own = sheet.module(path, 'Block');
  const attention = sheet.module(`${path}.attn`, 'Attention');
  const normed = norm(sheet, `${path}.norm1`, x, 10);
  const [q, k, v] = ['q', 'k', 'v'].map((name, i) => {
    const module = sheet.module(`${path}.attn.${name}`, 'Linear');
    return linear(sheet, `${path}.attn.${name}`, normed, module, 12 + i);
  }) as [Value, Value, Value];
  const inAttention = (name: string, node: string, inputs: Value[], line: number): Value =>
    sheet.op(name, node, inputs, { module: attention, line, saved: inputs.map((of, i) => [`in${i}`, of]) });
  const turned = inAttention('transpose', 'TransposeBackward0', [k], 16);
  const scores = inAttention('div', 'DivBackward0', [inAttention('bmm', 'BmmBackward0', [q, turned], 16)], 16);
  const weights = inAttention('softmax', 'SoftmaxBackward0', [scores], 17);
  const mixed = inAttention('bmm', 'BmmBackward0', [weights, v], 18);
  const out = linear(sheet, `${path}.attn.out`, mixed, sheet.module(`${path}.attn.out`, 'Linear'), 19);
  const added = sheet.op('add', 'AddBackward0', [x, out], { module: own, line: 22 });
  const mlp = sheet.module(`${path}.mlp`, 'MLP');
  const wide = linear(sheet, `${path}.mlp.up`, norm(sheet, `${path}.norm2`, added, 23), sheet.module(`${path}.mlp.up`, 'Linear'), 25);
  const gelu = sheet.op('gelu', 'GeluBackward0', [wide], { module: mlp, line: 26, saved: [['self', wide]] });
  const down = linear(sheet, `${path}.mlp.down`, gelu, sheet.module(`${path}.mlp.down`, 'Linear'), 27);
  return sheet.op('add', 'AddBackward0', [added, down], { module: own, line: 28 });
} // prettier-ignore

/** An RNN of `steps` steps: each uses the same 8 parameters; `nodes` of a step are 2 additions, 2 products, a tanh… */
export function rnn(nodes: number): Document {
  const sheet = new Sheet('loss');
  const names = ['w_ih', 'b_ih', 'w_hh', 'b_hh', 'w_xr', 'w_hr', 'scale', 'shift'];
  const parameters = names.map(name => sheet.leaf(`rnn.${name}`, [32, 32]));
  const [wIh, bIh, wHh, bHh, wXr, wHr, scale, shift] = parameters as [
    Value, Value, Value, Value, Value, Value, Value, Value,
  ]; // prettier-ignore
  const input = sheet.leaf('x', [64, 32], false);
  let h = sheet.op('addmm', 'AddmmBackward0', [bHh, input, wHh], { line: 2 });
  while (sheet.nodes <= nodes - 18) {
    const a = sheet.op('addmm', 'AddmmBackward0', [bIh, input, wIh], { line: 5 });
    const b = sheet.op('addmm', 'AddmmBackward0', [bHh, h, wHh], { line: 6 });
    const gate = sheet.op('sigmoid', 'SigmoidBackward0', [
      sheet.op('addmm', 'AddmmBackward0', [wXr, h, wHr], { line: 7 }),
    ], { line: 7, saved: [['result', 'result']] }); // prettier-ignore
    const sum = sheet.op('add', 'AddBackward0', [a, b], { line: 8 });
    const scaled = sheet.op('addcmul', 'AddcmulBackward0', [shift, sum, scale], { line: 9 });
    h = sheet.op('tanh', 'TanhBackward0', [sheet.op('mul', 'MulBackward0', [scaled, gate], { line: 10 })], {
      line: 10,
      saved: [['result', 'result']],
    });
  }
  while (sheet.nodes < nodes - 1) h = sheet.op('relu', 'ReluBackward0', [h], { line: 11 });
  const loss = sheet.op('mean', 'MeanBackward0', [h], { shape: [], line: 12 });
  sheet.name(loss, 'loss');
  return sheet.document();
}

/** Down `depth` levels and up again, with an edge across from each level down to the same level up. */
export function unet(depth: number): Document {
  const sheet = new Sheet('loss');
  let x = sheet.leaf('image', [1, 3, 64, 64], false);
  const kept: Value[] = [];
  const conv = (value: Value, path: string, line: number): Value => {
    const module = sheet.module(path, 'Conv2d');
    const weight = sheet.leaf(`${path}.weight`, [8, 8, 3, 3]);
    const bias = sheet.leaf(`${path}.bias`, [8]);
    const out = sheet.op('conv2d', 'ConvolutionBackward0', [value, weight, bias], { module, line });
    return sheet.op('relu', 'ReluBackward0', [out], { module, line });
  };
  sheet.module('unet', 'UNet');
  for (let level = 0; level < depth; level++) {
    x = conv(conv(x, `unet.down${level}a`, 5), `unet.down${level}b`, 6);
    kept.push(x);
    x = sheet.op('max_pool2d', 'MaxPool2DWithIndicesBackward0', [x], { line: 7 });
  }
  x = conv(x, 'unet.middle', 9);
  for (let level = depth - 1; level >= 0; level--) {
    const wide = sheet.op('upsample', 'UpsampleNearest2DBackward0', [x], { line: 11 });
    x = conv(sheet.op('cat', 'CatBackward0', [kept[level]!, wide], { line: 12 }), `unet.up${level}`, 13);
  }
  sheet.name(sheet.op('mean', 'MeanBackward0', [x], { shape: [], line: 15 }), 'loss');
  return sheet.document();
}
