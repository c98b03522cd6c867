/** The hooks of a node, in firing order, with what each did to the gradient in the last call that was kept. */
import type { Hook, HookCall } from '../../generated/document.js';
import * as format from '../../document/format.js';
import { moduleText } from '../../model/names.js';
import { el, type Content } from '../dom.js';
import { placeLink } from '../place.js';
import type { PanelContext } from './context.js';

const KINDS: Record<string, string> = {
  tensor_pre: 'tensor hook',
  retain_grad: 'retain_grad',
  capture: 'capture',
  pre: 'pre-hook',
  post: 'post-hook',
  post_accumulate_grad: 'post-accumulate-grad hook',
  multi_grad: 'multi-grad hook',
  module_forward_pre: 'module forward pre-hook',
  module_forward: 'module forward hook',
  module_backward_pre: 'module full backward pre-hook',
  module_backward: 'module full backward hook',
  optimizer_step_pre: 'optimizer step pre-hook',
  optimizer_step_post: 'optimizer step post-hook',
};

export function hooksSection(context: PanelContext, node: number): HTMLElement | undefined {
  const { model } = context;
  const row = model.nodes.get(node);
  const lists = [
    { title: 'Hooks, in firing order', hooks: model.hooksOf(node) },
    ...(row ? model.hookedModulesOf(row) : []).map(({ module, hooks }) => ({
      title: `Hooks of ${moduleText(module)}`,
      hooks,
    })),
  ].filter(({ hooks }) => hooks.length > 0);
  if (!lists.length) return undefined;
  return el(
    'section',
    { class: 'ts-hooks-section' },
    ...lists.flatMap(({ title, hooks }) => [
      el('h4', {}, title),
      el('ol', { class: 'ts-hooks' }, ...hooks.map((hook, i) => item(context, hook, i))),
    ]),
  );
}

function item({ model, go }: PanelContext, hook: Hook, i: number): HTMLElement {
  const tensor = hook.tensor === undefined ? undefined : model.tensors.get(hook.tensor)?.name;
  const kind = KINDS[hook.kind] ?? hook.kind;
  const runs =
    hook.runs === undefined
      ? ''
      : hook.runs === 0
        ? ', did not run'
        : hook.runs === 1
          ? ''
          : `, ran ${format.count(hook.runs)} times`;
  const place = model.place(hook.site);
  const call = hook.calls?.[hook.calls.length - 1];
  return el(
    'li',
    {},
    el('span', { class: 'ts-muted' }, String(i + 1)),
    el(
      'span',
      {},
      el('b', {}, hook.name),
      ' ',
      el('span', { class: 'ts-muted' }, `${kind}${tensor ? ` on ${tensor}` : ''}${runs}`),
    ),
    el('span', { class: 'ts-muted' }, place && placeLink(place, go)),
    call?.before && el('div', { class: 'ts-calls' }, ...norms(call)),
  );
}

const CHANGES: Record<string, string> = { replaced: 'returned another gradient', in_place: 'wrote into it' };

function norms(call: HookCall): Content[] {
  const { before, after, changed } = call;
  if (before?.norm === undefined) return [el('u', {}, changed ? (CHANGES[changed] ?? changed) : 'unchanged')];
  const from = format.norm(before.norm);
  if (after?.norm === undefined)
    return ['‖grad‖', el('b', {}, from), el('i', {}, '='), el('b', {}, from), el('u', {}, 'unchanged')];
  const ratio = format.float(after.norm) / format.float(before.norm);
  const said = Number.isFinite(ratio) ? `× ${format.norm(ratio)}` : '';
  return [
    '‖grad‖',
    el('b', {}, from),
    el('i', {}, '→'),
    el('b', {}, format.norm(after.norm)),
    el('u', {}, said),
  ];
}
