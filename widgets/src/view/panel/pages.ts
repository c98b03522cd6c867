/** The panel's page for each kind of thing that can be selected. */
import type { GraphNode, Op, Tensor } from '../../generated/document.js';
import * as format from '../../document/format.js';
import { leftOutRows } from '../../model/facts.js';
import { family, moduleText, splitName } from '../../model/names.js';
import type { Vertex } from '../../model/subject.js';
import { summaryText, type Box } from '../../groups/scene.js';
import { membersOf, type Group } from '../../groups/tree.js';
import type { FocusKind } from '../focus.js';
import { glyphOf } from '../../draw/icons.js';
import { el, icon, type Content } from '../dom.js';
import type { PanelContext } from './context.js';
import { hooksSection } from './hooks.js';
import { numbersSection } from './numbers.js';
import { censusSection, ownersSection } from './owners.js';
import { findingNotes, nodeNote } from './notes.js';
import { savedSection } from './saved.js';
import { sourceSection } from './source.js';
import { gradientSection, tensorSection } from './tensor.js';

export interface Page {
  title: HTMLElement;
  /** Below the kernel's state. */
  notes: HTMLElement[];
  sections: Content[];
}

/** How a page leads on: to a box by its key. */
export interface Leads {
  close(): void;
  go(key: string): void;
  look(kind: FocusKind): void;
}

export function pageOf(context: PanelContext, box: Box, leads: Leads): Page {
  if (box.group) return groupPage(context, box, box.group, leads);
  const vertex = box.vertex!;
  const { model } = context;
  if (vertex.kind === 'torn') return tornPage(context, vertex, leads);
  if (vertex.ref?.table === 'ops') return opPage(context, vertex, model.ops.get(vertex.ref.id)!, leads);
  if (vertex.ref?.table === 'tensors')
    return tensorPage(context, vertex, model.tensors.get(vertex.ref.id)!, leads);
  return nodePage(context, vertex, model.nodes.get(vertex.ref!.id)!, leads);
}

function heading(leads: Leads, name: string, glyph: Content, id: string, ...below: Content[]): HTMLElement {
  const [op, suffix] = splitName(name);
  const close = el(
    'button',
    {
      type: 'button',
      class: 'ts-iconbutton',
      title: 'Close (Esc)',
      'aria-label': 'Close the panel',
      onclick: () => leads.close(),
    },
    icon('close'),
  );
  return el(
    'div',
    { class: 'ts-title' },
    el(
      'h3',
      {},
      glyph,
      el('span', { title: name }, op, suffix && el('span', { class: 'ts-suffix' }, suffix)),
      el('span', { class: 'ts-id' }, id),
      close,
    ),
    below.length > 0 && el('p', {}, ...below),
  );
}

const familyIcon = (name: string): Content => icon(glyphOf(family(name)), 12, family(name));

/** `head · Linear · output [1024, 10] float32` */
function nodeLine(context: PanelContext, node: GraphNode): Content[] {
  const module = context.model.module(node);
  const meta = node.inputs?.[0];
  const parts: Content[] = [];
  if (module) parts.push(moduleText(module));
  if (meta) {
    if (parts.length) parts.push(' · ');
    parts.push('output ', el('span', { class: 'ts-mono' }, format.shape(meta.shape)), ` ${meta.dtype}`);
  }
  return parts;
}

function nodePage(context: PanelContext, vertex: Vertex, node: GraphNode, leads: Leads): Page {
  const { model } = context;
  const variable = node.variable === undefined ? undefined : model.tensors.get(node.variable);
  const notes = [...findingNotes(context, 'nodes', node.id), ...(variable ? [] : nodeNote(context, node))];
  const made = model.createdBy(node);
  const sections: Content[] = [
    sourceSection(context, vertex.site),
    derivativeSection(context, node),
    hooksSection(context, node.id),
    variable && tensorSection(context, variable, 'Leaf'),
    variable && gradientSection(context, { table: 'tensors', id: variable.id }, false),
    savedSection(context, node.id),
    numbersSection(context, vertex),
    !variable && gradientSection(context, { table: 'nodes', id: node.id }, true),
    made !== undefined &&
      el(
        'section',
        {},
        el('h4', {}, 'Built while evaluating'),
        model.nodes.get(made)?.name ?? 'a node',
        ` #${made}`,
      ),
    (node.state ?? 'alive') !== 'gone' &&
      ownersSection(
        context,
        variable ? { table: 'tensors', id: variable.id } : { table: 'nodes', id: node.id },
      ),
    censusSection(context),
  ];
  if (variable) {
    const title = heading(
      leads,
      variable.name ?? 'leaf',
      undefined,
      `#${node.id}`,
      `${node.name} · leaf`,
      vertex.use && ` · use ${vertex.use.number} of ${vertex.use.of}`,
    );
    return { title, notes, sections };
  }
  return {
    title: heading(leads, node.name, familyIcon(node.name), `#${node.id}`, ...nodeLine(context, node)),
    notes,
    sections,
  };
}

/** The formula of each gradient that the node returns, by the input it is for. */
function derivativeSection({ model }: PanelContext, node: GraphNode): HTMLElement | undefined {
  const edges = model.out.get(node.id) ?? [];
  const rows = (node.derivatives ?? []).flatMap((formula, index): Content[] => {
    if (!formula) return [];
    const edge = edges.find(each => (each.index ?? 0) === index);
    const name = (edge && model.inputName(edge)) ?? `input ${index}`;
    return [el('dt', { title: name }, name.slice(name.lastIndexOf('.') + 1)), el('dd', {}, formula)];
  });
  return rows.length
    ? el(
        'section',
        { class: 'ts-derivative-section' },
        el('h4', {}, 'Derivative'),
        el('dl', { class: 'ts-formulas' }, ...rows),
      )
    : undefined;
}

function opPage(context: PanelContext, vertex: Vertex, op: Op, leads: Leads): Page {
  const { model } = context;
  const failed = vertex.kind === 'failed';
  const { failure } = model.document;
  const node = model.nodeOfOp.get(op.id);
  const tensorLine = (id: number): Content[] => {
    const tensor = model.tensors.get(id);
    if (!tensor) return [];
    return [
      el('dt', {}, tensor.name ?? '·'),
      el('dd', {}, `${format.shape(tensor.shape)} ${format.dtype(tensor.dtype)}`),
    ];
  };
  const table = (title: string, ids: number[] | undefined): Content =>
    ids?.length
      ? el('section', {}, el('h4', {}, title), el('dl', { class: 'ts-formulas' }, ...ids.flatMap(tensorLine)))
      : undefined;
  const raised = el(
    'div',
    { class: 'ts-note', 'data-severity': 'error', role: 'note' },
    icon('error', 14),
    el('p', {}, el('b', {}, `${failure?.type}: `), failure?.message ?? ''),
  );
  const module = op.module === undefined ? undefined : model.modules.get(op.module);
  return {
    title: heading(
      leads,
      op.name,
      familyIcon(op.name),
      `#${op.id}`,
      module ? moduleText(module) : failed ? 'raised; it made no node' : node ? node.name : 'made no node',
    ),
    notes: failed && failure ? [raised] : findingNotes(context, 'ops', op.id),
    sections: [
      sourceSection(context, op.site ?? (failed ? failure?.site : undefined), failed),
      op.args !== undefined &&
        el('section', {}, el('h4', {}, 'Arguments'), el('span', { class: 'ts-mono' }, op.args)),
      table('Reads', op.inputs),
      table('Returns', op.outputs),
      node && hooksSection(context, node.id),
      numbersSection(context, vertex),
    ],
  };
}

function tensorPage(context: PanelContext, vertex: Vertex, tensor: Tensor, leads: Leads): Page {
  const { model } = context;
  const made = tensor.grad_fn === undefined ? undefined : model.nodes.get(tensor.grad_fn);
  const role = made ? 'grad_fn ' : tensor.requires_grad ? 'leaf' : 'needs no gradient';
  const title = heading(
    leads,
    tensor.name ?? vertex.name,
    undefined,
    `#${tensor.id}`,
    role,
    made && `${made.name} #${made.id}`,
  );
  return {
    title,
    notes: findingNotes(context, 'tensors', tensor.id),
    sections: [
      sourceSection(context, vertex.site),
      tensorSection(context, tensor, 'Tensor'),
      (made || tensor.requires_grad) &&
        !tensor.gone &&
        gradientSection(context, { table: 'tensors', id: tensor.id }, made !== undefined),
      !tensor.gone && ownersSection(context, { table: 'tensors', id: tensor.id }),
    ],
  };
}

/** What a strip stands for, in words, with the document's own figures. */
function tornPage(context: PanelContext, vertex: Vertex, leads: Leads): Page {
  const words = context.strips.find(strip => strip.vertex.key === vertex.key)?.words ?? [];
  const rows = leftOutRows(context.model).flatMap(([table, said]): Content[] => [
    el('dt', {}, table),
    el('dd', {}, said),
  ]);
  return {
    title: heading(leads, vertex.name, undefined, '', 'not in the document'),
    notes: [],
    sections: [
      el('section', { class: 'ts-torn-section' }, ...words.map(text => el('p', {}, text))),
      rows.length > 0 &&
        el(
          'section',
          {},
          el('h4', {}, 'Left out of this display'),
          el('dl', { class: 'ts-formulas' }, ...rows),
        ),
    ],
  };
}

const LONGEST_LIST = 100;

function groupPage(context: PanelContext, box: Box, group: Group, leads: Leads): Page {
  const { subject } = context;
  const members = membersOf(group).get(group)!;
  const names = new Map<string, number>();
  for (const at of members) {
    const kind = subject.vertices.kind(at);
    if (kind === 'output') continue;
    const name = kind === 'leaf' ? 'AccumulateGrad' : subject.vertices.name(at);
    names.set(name, (names.get(name) ?? 0) + 1);
  }
  const counts = [...names].sort((a, b) => b[1] - a[1]).slice(0, LONGEST_LIST);
  const first = members.length ? subject.vertices.at(members[0]!) : undefined;
  const times = group.times ? ` × ${format.count(group.times)}` : '';
  const open = el(
    'button',
    { type: 'button', class: 'ts-button', onclick: () => leads.go(group.key) },
    box.open ? 'Close the group' : 'Open the group',
  );
  return {
    title: heading(
      leads,
      `${group.name}${times}`,
      undefined,
      '',
      [group.type, summaryText(box.summary!, subject.direction)].filter(Boolean).join(' · '),
    ),
    notes: [],
    sections: [
      sourceSection(context, first?.site),
      el(
        'section',
        {},
        el('h4', {}, 'Holds'),
        el(
          'dl',
          { class: 'ts-formulas' },
          ...counts.flatMap(([name, n]) => [el('dt', {}, format.count(n)), el('dd', {}, name)]),
        ),
        open,
      ),
    ],
  };
}
