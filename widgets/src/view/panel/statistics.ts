/** The statistics line: `x∈[−0.61, 0.74] μ 0.012 σ 0.125 0 NaN`; the exact numbers on hover. */
import type { Float, Stats } from '../../generated/document.js';
import * as format from '../../document/format.js';
import { el, type Content } from '../dom.js';

function exact(name: string, value: Float): HTMLElement {
  return el('span', { 'data-stat': name, title: `${name} ${String(value)}` }, format.number(value));
}

/** `norm`: what to call the 2-norm, where it is the number that counts: ‖grad‖. */
export function statisticsLine(stats: Stats, name = '', norm = ''): HTMLElement {
  const parts: Content[] = [];
  if (name) parts.push(el('s', {}, name), ' ');
  if (norm && stats.norm !== undefined) parts.push(el('s', {}, `${norm} `), exact('norm', stats.norm), ' ');
  const { min, max, mean, std, nan = 0, inf = 0 } = stats;
  if (min !== undefined && max !== undefined) {
    if (stats.shape?.length === 0 || (min === max && std === 0))
      parts.push('x = ', exact('mean', mean ?? min), ' ');
    else {
      parts.push('x∈[', exact('min', min), ', ', exact('max', max), '] ');
      if (mean !== undefined) parts.push(el('s', {}, 'μ '), exact('mean', mean), ' ');
      if (std !== undefined) parts.push(el('s', {}, 'σ '), exact('std', std), ' ');
    }
  }
  parts.push(nan ? el('span', { class: 'ts-error' }, `${format.count(nan)} NaN`) : el('s', {}, '0 NaN'));
  if (inf) parts.push(' ', el('span', { class: 'ts-error' }, `${format.count(inf)} inf`));
  if (stats.zero) parts.push(' ', el('s', {}, format.counted(stats.zero, 'zero')));
  return el('div', { class: 'ts-stat' }, ...parts);
}
