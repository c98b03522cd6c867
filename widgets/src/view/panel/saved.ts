/** Saved variables: slot, shape, dtype, bytes, version saved and now, state; the chosen one is inspected below. */
import type { Saved } from '../../generated/document.js';
import * as format from '../../document/format.js';
import { append, el } from '../dom.js';
import type { PanelContext } from './context.js';
import { inspect } from './inspect.js';
import { writesSince } from './writes.js';

export function savedSection(context: PanelContext, node: number): HTMLElement | undefined {
  const { model, host } = context;
  const rows = model.saved.get(node);
  if (!rows?.length) return undefined;
  const holder = el('div');
  const bodies: HTMLTableRowElement[] = [];
  const choose = (i: number): void => {
    bodies.forEach((body, at) => {
      body.setAttribute('aria-selected', String(at === i));
      body.querySelector('.ts-slot')!.setAttribute('aria-current', String(at === i));
    });
    holder.replaceChildren(...detail(context, rows[i]!));
  };
  const body = el('tbody');
  rows.forEach((row, i) => {
    bodies.push(savedRow(context, row, () => choose(i)));
    append(body, bodies[i]);
  });
  const head = ['slot', 'shape, dtype', 'bytes', 'version', 'state'].map((name, i) =>
    el('th', { scope: 'col', class: i === 2 || i === 4 ? 'ts-right' : undefined }, name),
  );
  const section = el(
    'section',
    { class: 'ts-saved-section' },
    el('h4', {}, 'Saved variables', el('span', {}, sum(context, rows))),
    el('table', { class: 'ts-slots' }, el('thead', {}, el('tr', {}, ...head)), body),
    holder,
  );
  const first = rows.findIndex(row => isAlive(row) && row.tensor !== undefined);
  const stored = rows.findIndex(row => row.tensor !== undefined && model.tensors.get(row.tensor)?.stats);
  if (first >= 0) choose(first);
  else if (stored >= 0) choose(stored);
  else if (host.state !== 'none') holder.replaceChildren();
  return section;
}

const isAlive = (row: Saved): boolean => (row.state ?? 'alive') === 'alive';

function sum({ model }: PanelContext, rows: Saved[]): string {
  const { saved } = model.document.tables;
  const size = (some: Saved[]): number => model.memories.of(some.map(({ id }) => saved.find(id)));
  const alive = rows.filter(isAlive);
  if (alive.length === rows.length) return `${rows.length} · ${format.bytes(size(rows))}`;
  return `${alive.length ? format.bytes(size(alive)) : '0'} of ${format.bytes(size(rows))} alive`;
}

function savedRow({ model, host }: PanelContext, row: Saved, choose: () => void): HTMLTableRowElement {
  const tensor = row.tensor === undefined ? undefined : model.tensors.get(row.tensor);
  const alive = isAlive(row);
  const quiet = alive ? '' : ' ts-muted';
  const live = host.state === 'live' || host.state === 'busy';
  const [state, word] = !alive
    ? ['freed', row.state ?? 'freed']
    : live
      ? ['alive', 'alive']
      : ['stored', 'stored'];
  const now = tensor?.version;
  const changed = alive && row.version !== undefined && now !== undefined && now !== row.version;
  const version =
    row.version === undefined
      ? ''
      : !alive || now === undefined
        ? String(row.version)
        : changed
          ? `${row.version} → ${now}`
          : `${row.version} = ${now}`;
  const versionTitle = changed
    ? 'Written since it was saved: backward will raise'
    : model.isShared(row)
      ? 'Saved, now; memory shared with another saved variable'
      : 'Saved, now';
  const slot = el(
    'button',
    {
      type: 'button',
      class: 'ts-slot',
      title: tensor?.name ? `${row.name}: ${tensor.name}` : row.name,
      onclick: choose,
    },
    row.name.replace(/^saved_tensors(?=\[)/, ''),
  );
  return el(
    'tr',
    { 'data-slot': row.name, onclick: choose },
    el('td', {}, slot),
    el(
      'td',
      { class: 'ts-mono' },
      tensor ? `${format.shape(tensor.shape)} ${format.dtype(tensor.dtype)}` : 'None',
    ),
    el(
      'td',
      { class: `ts-right${quiet}`, title: tensor ? `${format.count(tensor.bytes)} B` : undefined },
      tensor ? format.bytes(tensor.bytes) : '',
    ),
    el('td', { class: `ts-mono${changed ? ' ts-error' : quiet}`, title: versionTitle }, version),
    el('td', { class: `ts-right${quiet}` }, el('span', { class: 'ts-dot', 'data-state': state }), word),
  );
}

function detail(context: PanelContext, row: Saved): HTMLElement[] {
  const tensor = row.tensor === undefined ? undefined : context.model.tensors.get(row.tensor);
  if (!tensor) return [];
  const packed =
    row.packed_by === undefined
      ? []
      : [el('div', { class: 'ts-stat ts-muted' }, `Held by a hook; ${row.packed_by} brings it back.`)];
  return [
    ...packed,
    ...writesSince(context, row),
    inspect(context, {
      on: { table: 'saved', id: row.id },
      name: row.name,
      shape: tensor.shape,
      stats: tensor.stats,
      version: tensor.version ?? row.version,
      unavailable: isAlive(row) ? undefined : 'Its values were freed.',
    }),
  ];
}
