/** What a box is in words: every fact that the canvas shows, for the outline, for speech and for copying. */
import * as format from '../document/format.js';
import type { Picture } from '../draw/picture.js';
import { summaryText } from '../groups/scene.js';
import { inputsOf } from './walk.js';

/** What an overlay says of a box, if one is shown. */
export type Says = (box: number) => string | undefined;

export function nameOf(picture: Picture, box: number): string {
  const { vertex, group } = picture.scene.boxes[box]!;
  return vertex?.name ?? group!.name;
}

/** Name, where it belongs and what is known of it. */
export function cells(picture: Picture, box: number, says?: Says): string[] {
  const { vertex, group, summary } = picture.scene.boxes[box]!;
  const said = says?.(box) ?? '';
  if (group) {
    const name = [group.name, group.type, group.times ? `× ${format.count(group.times)}` : '']
      .filter(Boolean)
      .join(' ');
    return [name, summaryText(summary!, picture.scene.direction), said].filter(Boolean);
  }
  const known = vertex!;
  if (known.kind === 'torn') return [known.name];
  if (known.kind === 'port') {
    const name = `port of ${known.name}${known.module === undefined ? '' : ` in ${known.module}`}`;
    return [name, known.note, known.shape, said].filter(Boolean);
  }
  return [
    known.kind === 'failed' ? `${known.name}, raised` : known.name,
    known.note || known.shape,
    known.hooks ? format.counted(known.hooks, 'hook') : '',
    known.savedBytes ? `${format.bytes(known.savedBytes)} ${known.freed ? 'freed' : 'saved'}` : '',
    said,
  ].filter(Boolean);
}

/** "AddmmBackward0, head, 3 inputs, 2 hooks, 265 KB saved" */
export function spoken(picture: Picture, box: number, says?: Says): string {
  const { vertex, open, group } = picture.scene.boxes[box]!;
  const inputs = inputsOf(picture, box);
  const [name, ...rest] = cells(picture, box, says);
  return [
    name,
    vertex?.kind === 'port' ? undefined : vertex?.module,
    group ? (open ? 'open group' : 'closed group') : undefined,
    inputs && vertex?.kind === 'node' ? format.counted(inputs, 'input') : undefined,
    ...rest,
    partnerOf(picture, box),
  ]
    .filter(Boolean)
    .join(', ');
}

/** Of a box that stands beside its partner, what that is. */
function partnerOf(picture: Picture, box: number): string | undefined {
  const partner = picture.scene.partners.get(box);
  if (partner === undefined) return undefined;
  const name = nameOf(picture, partner);
  return box < partner ? `beside its node ${name}` : `beside its op ${name}`;
}
