/** What a box says and how large that makes it. Widths are measured, never assumed. */
import * as format from '../document/format.js';
import { shorten, visible } from '../document/text.js';
import { cut } from './cut.js';
import { splitName, type Family } from '../model/names.js';
import type { Box, Scene } from '../groups/scene.js';
import { summaryText } from '../groups/scene.js';
import type { Severity, Vertex } from '../model/subject.js';

export type Look = 'node' | 'failed' | 'leaf' | 'port' | 'output' | 'torn' | 'group' | 'repeat' | 'frame';

export interface Badge {
  kind: 'hooks' | 'saved' | 'freed';
  text: string;
  width: number;
  textWidth: number;
}

export interface Content {
  look: Look;
  /** Bold part of the name and what follows it. */
  name: string;
  suffix: string;
  /** Both of a group as they are where there is more room. */
  whole: [name: string, suffix: string];
  note: string;
  times: string;
  badges: Badge[];
  family: Family | undefined;
  finding: Severity | undefined;
  nameWidth: number;
  suffixWidth: number;
  noteWidth: number;
  width: number;
  height: number;
  /** Of a frame: what its title needs to the left, its summary to the right, of an edge that comes in. */
  lead: number;
  trail: number;
  /** Of the sheets that a group has behind it: part of the height. */
  tail: number;
}

export type Font = 'name' | 'suffix' | 'mono' | 'note' | 'badge' | 'times';

/** Width of text in one of the drawing's fonts at its own size. */
export type Measure = (text: string, font: Font) => number;

export const FONTS: Record<Font, { weight: number; size: number; mono: boolean }> = {
  name: { weight: 600, size: 12, mono: false },
  suffix: { weight: 400, size: 12, mono: false },
  mono: { weight: 600, size: 11, mono: true },
  note: { weight: 400, size: 10.5, mono: false },
  badge: { weight: 400, size: 10, mono: true },
  times: { weight: 600, size: 13, mono: false },
};

const LONGEST_NAME = 40;
const LONGEST_TITLE = 200;
const LONGEST_NOTE = 56;

/** Text stops shrinking before the boxes do. */
const SLACK = 1.15;

function empty(look: Look): Content {
  return {
    look,
    name: '',
    suffix: '',
    whole: ['', ''],
    note: '',
    times: '',
    badges: [],
    family: undefined,
    finding: undefined,
    nameWidth: 0,
    suffixWidth: 0,
    noteWidth: 0,
    width: 0,
    height: 0,
    lead: 0,
    trail: 0,
    tail: 0,
  };
}

export function contentOf(box: Box, scene: Scene, measure: Measure): Content {
  return box.group ? groupContent(box, scene, measure) : vertexContent(box, measure);
}

/** The contents of all boxes. What says the same is the same object: most of a large graph's nodes do. */
export function contentsOf(scene: Scene, measure: Measure): Content[] {
  const known = new Map<string, Content>();
  return scene.boxes.map(box => {
    const { vertex } = box;
    if (!vertex) return contentOf(box, scene, measure);
    const { kind, name, note, hooks, savedBytes, freed, finding, family } = vertex;
    const module = kind === 'port' && vertex.module;
    const key = [kind, name, note, hooks, savedBytes, freed, finding, family, module].join('\n');
    let content = known.get(key);
    if (!content) known.set(key, (content = contentOf(box, scene, measure)));
    return content;
  });
}

function badges(hooks: number, saved: number, freed: boolean, measure: Measure): Badge[] {
  const found: Badge[] = [];
  if (hooks) {
    const text = String(hooks);
    const textWidth = measure(text, 'badge');
    found.push({ kind: 'hooks', text, width: textWidth + 31, textWidth });
  }
  if (saved) {
    const text = format.bytes(saved);
    const textWidth = measure(text, 'badge');
    found.push({ kind: freed ? 'freed' : 'saved', text, width: textWidth + (freed ? 28 : 18), textWidth });
  }
  return found;
}

function vertexContent(box: Box, measure: Measure): Content {
  const vertex = box.vertex!;
  const name = cut(visible(vertex.name), LONGEST_NAME);
  const note = shorten(visible(vertex.note), LONGEST_NOTE);
  if (vertex.kind === 'output') {
    const content = {
      ...empty('output'),
      name,
      note,
      nameWidth: measure(name, 'mono'),
      noteWidth: measure(note, 'badge'),
    };
    return { ...content, width: Math.round(content.nameWidth + content.noteWidth + 34), height: 22 };
  }
  if (vertex.kind === 'torn') {
    const nameWidth = measure(name, 'note');
    return { ...empty('torn'), name, nameWidth, width: Math.round(nameWidth * SLACK + 112), height: 34 };
  }
  if (vertex.kind === 'port') return portContent(vertex, measure);
  if (vertex.kind === 'leaf') {
    const content = {
      ...empty('leaf'),
      name,
      note,
      nameWidth: measure(name, 'mono'),
      noteWidth: measure(note, 'note'),
    };
    const width = Math.round(Math.max(content.nameWidth, content.noteWidth) * SLACK + 28);
    const found = vertex.hooks ? badges(vertex.hooks, 0, false, measure) : [];
    return { ...content, badges: found, finding: vertex.finding, width, height: 34 };
  }
  const [op, suffix] = splitName(name);
  const content = {
    ...empty(vertex.kind),
    name: op,
    suffix,
    family: vertex.family,
    finding: vertex.finding,
    badges: badges(vertex.hooks, vertex.savedBytes, vertex.freed, measure),
    nameWidth: measure(op, 'name'),
    suffixWidth: suffix ? measure(suffix, 'suffix') : 0,
  };
  // The text of a box with badges would touch them where it no longer shrinks.
  const spare = content.badges.length ? 0.05 * (content.nameWidth + content.suffixWidth) : 0;
  const badgeWidth = content.badges.reduce((sum, badge) => sum + badge.width + 0.12 * badge.textWidth, 0);
  return {
    ...content,
    width: Math.round(30 + content.nameWidth + content.suffixWidth + spare + 11 + badgeWidth),
    height: 26,
  };
}

/** A port is called as what it stands for; below it, where that is and which use of it this is. */
function portContent({ name: given, module, note: use }: Vertex, measure: Measure): Content {
  const [name, suffix] = splitName(cut(visible(given), LONGEST_NAME));
  const note = [module && cut(visible(module), LONGEST_NAME), use].filter(Boolean).join(' · ');
  const [nameWidth, noteWidth] = [measure(name, 'name'), measure(note, 'note')];
  const suffixWidth = suffix ? measure(suffix, 'suffix') : 0;
  const width = Math.round(Math.max(nameWidth + suffixWidth, noteWidth) * SLACK + 32);
  return { ...empty('port'), name, suffix, note, nameWidth, suffixWidth, noteWidth, width, height: 34 };
}

function groupContent(box: Box, scene: Scene, measure: Measure): Content {
  const { name: given, type, times, kind } = box.group!;
  const repeat = kind === 'repeat' && times > 0;
  const whole: [string, string] = [cut(visible(given), LONGEST_TITLE), cut(visible(type), LONGEST_TITLE)];
  const [name, suffix] = whole.map(text => cut(text, LONGEST_NAME)) as [string, string];
  const note = summaryText(box.summary!, scene.direction, !box.open);
  const timesText = repeat ? `× ${format.count(times)}` : '';
  const content: Content = {
    ...empty(box.open ? 'frame' : repeat ? 'repeat' : 'group'),
    name,
    suffix,
    whole,
    note,
    times: timesText,
    finding: box.summary!.finding,
    nameWidth: measure(name, 'name'),
    suffixWidth: suffix ? measure(suffix, 'suffix') : 0,
    noteWidth: measure(note, 'note'),
  };
  const title = content.nameWidth + (suffix ? 6 + content.suffixWidth : 0);
  const timesWidth = timesText ? measure(timesText, 'times') + 24 : 0;
  if (box.open) {
    return {
      ...content,
      lead: Math.round((title + timesWidth) * SLACK + 41),
      trail: Math.round(content.noteWidth * SLACK + 28),
    };
  }
  const width = Math.round(Math.max(title + 44, content.noteWidth * SLACK + 34) + timesWidth);
  const tail = repeat ? 6 : 3;
  return { ...content, width, height: 36 + tail, tail };
}
