/** The statistics line: `x∈[−0.61, 0.74] μ 0.012 σ 0.125 0 NaN`; the exact numbers on hover. */
import type { Float, Stats } from '../../generated/document.js';
import * as format from '../../document/format.js';
import { el, type Content } from '../dom.js';

function exact(name: string, value: Float): HTMLElement {
  return el('span', { 'data-stat': name, title: `${name} ${String(value)}` }, format.number(value));
}

export function statisticsLine(stats: Stats, name = ''): HTMLElement {
  const parts: Content[] = [];
  if (name) parts.push(el('s', {}, name), ' ');
  const { min, max, mean, std, nan = 0, inf = 0 } = stats;
  if (min !== undefined && max !== undefined) {
    if (stats.shape?.length === 0 || (min === max && std === 0)) parts.push('x = ', exact('mean', mean ?? min), ' ');
    else {
      parts.push('x∈[', exact('min', min), ', ', exact('max', max), '] ');
      if (mean !== undefined) parts.push(el('s', {}, 'μ '), exact('mean', mean), ' ');
      if (std !== undefined) parts.push(el('s', {}, 'σ '), exact('std', std), ' ');
    }
  }
  if (stats.norm !== undefined && stats.shape?.length !== 0) parts.push(el('s', {}, '‖x‖ '), exact('norm', stats.norm), ' ');
  parts.push(nan ? el('span', { class: 'ts-error' }, `${format.count(nan)} NaN`) : el('s', {}, '0 NaN'));
  if (inf) parts.push(' ', el('span', { class: 'ts-error' }, `${format.count(inf)} inf`));
  if (stats.zero) parts.push(' ', el('s', {}, format.counted(stats.zero, 'zero')));
  return el('div', { class: 'ts-stat' }, ...parts);
}
