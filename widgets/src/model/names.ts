/** What a name says: the op in it, and the family that its glyph and colour stand for. */

export type Family = 'product' | 'pointwise' | 'reduce' | 'view' | 'index' | 'custom';

export const FAMILY_WORDS: Record<Family, string> = {
  product: 'product',
  pointwise: 'pointwise',
  reduce: 'reduction',
  view: 'view',
  index: 'index',
  custom: 'custom Function',
};

/** `AddmmBackward0` is `Addmm` and `Backward0`: the whole stays together, the typography tells them apart. */
export function splitName(name: string): [op: string, suffix: string] {
  const found = /^(.+?)(Backward\d*)$/.exec(name);
  return found ? [found[1]!, found[2]!] : [name, ''];
}

const words = (text: string): Set<string> => new Set(text.split(' '));

const PRODUCT = words('mm addmm bmm baddbmm matmul mv addmv dot vdot outer linear einsum bilinear tensordot');
const VIEW = words(
  't transpose permute view reshape unsafeview expand expandas squeeze unsqueeze flatten unflatten slice select ' +
    'narrow alias asstrided detach diagonal split chunk unbind movedim swapaxes real imag viewas contiguous repeat',
);
const INDEX = words(
  'gather index indexselect indexput indexadd scatter scatteradd cat stack copy copyslices clone take maskedselect ' +
    'maskedfill embedding fill zero tocopy to pad constantpadnd roll flip tril triu',
);
const REDUCE = words(
  'sum mean var std varmean max min amax amin norm linalgvectornorm prod softmax logsoftmax logsumexp cumsum cumprod ' +
    'crossentropy argmax argmin any all layernorm nativelayernorm batchnorm nativebatchnorm median sort topk',
);

const known = new Map<string, Family>();

/** The family of a node's name (`TanhBackward0`) or of an op's (`tanh_`). */
export function family(name: string): Family {
  let found = known.get(name);
  if (!found) known.set(name, (found = classify(name)));
  return found;
}

function classify(name: string): Family {
  const [op, suffix] = splitName(name);
  const key = op.replace(/_/g, '').toLowerCase();
  if (key === 'copyslices') return 'index';
  if (suffix === 'Backward') return 'custom'; // PyTorch numbers its own nodes and leaves a custom Function's bare
  if (PRODUCT.has(key) || /^(thnn|slow|mkldnn|cudnn)?conv/.test(key) || key === 'convolution')
    return 'product';
  if (VIEW.has(key)) return 'view';
  if (INDEX.has(key)) return 'index';
  if (REDUCE.has(key) || /loss(forward)?$/.test(key)) return 'reduce';
  if (suffix === '' && /^[A-Z]/.test(op)) return 'custom';
  return 'pointwise';
}

/** `model.0 · Linear`; of a module that no variable leads to, its class alone. */
export function moduleText({ path, type }: { path: string; type: string }): string {
  return path === type ? type : `${path} · ${type}`;
}
