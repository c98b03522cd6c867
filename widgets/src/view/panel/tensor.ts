/** A tensor's own facts, its statistics, and its gradient if there is one. */
import type { Ref, Tensor } from '../../generated/document.js';
import * as format from '../../document/format.js';
import { RequestError } from '../../live/host.js';
import type { StatsAnswer } from '../../live/protocol.js';
import { el } from '../dom.js';
import type { PanelContext } from './context.js';
import { inspect } from './inspect.js';
import { statisticsLine } from './statistics.js';

export function tensorSection(context: PanelContext, tensor: Tensor, title: string): HTMLElement {
  const facts = [
    ['shape', `${format.shape(tensor.shape)} ${format.dtype(tensor.dtype)}`],
    ['bytes', format.bytes(tensor.bytes)],
    ...(tensor.strides ? [['strides', format.shape(tensor.strides)]] : []),
    ...(tensor.device && tensor.device !== 'cpu' ? [['device', tensor.device]] : []),
    ...(tensor.version === undefined ? [] : [['version', String(tensor.version)]]),
  ];
  return el(
    'section',
    { class: 'ts-tensor-section' },
    el('h4', {}, title, el('span', {}, tensor.gone ? 'gone' : '')),
    el(
      'dl',
      { class: 'ts-formulas' },
      ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]),
    ),
    inspect(context, {
      on: { table: 'tensors', id: tensor.id },
      name: '',
      shape: tensor.shape,
      stats: tensor.stats,
      version: tensor.version,
      unavailable: tensor.gone ? 'The tensor no longer exists.' : undefined,
    }),
  );
}

/** The gradient, asked for; `optional`: where none was kept, the section stays away. */
export function gradientSection(context: PanelContext, on: Ref, optional: boolean): HTMLElement | undefined {
  const { state } = context.host;
  if (state !== 'live' && state !== 'busy') return undefined;
  const body = el('div', { class: 'ts-stat ts-muted' }, 'Asked for…');
  const section = el(
    'section',
    { class: 'ts-gradient-section', hidden: optional },
    el('h4', {}, 'Gradient'),
    body,
  );
  context.ask<StatsAnswer>('grad', { on, want: 'stats' }).then(
    ({ result }) => {
      if (!context.shown()) return;
      section.hidden = false;
      body.replaceWith(statisticsLine({ shape: result.shape, ...result.stats }, '', '‖grad‖'));
    },
    (error: unknown) => {
      if (!context.shown()) return;
      const code = error instanceof RequestError ? error.code : 'failed';
      if (code === 'absent') body.textContent = 'None';
      else section.hidden = true;
    },
  );
  return section;
}
