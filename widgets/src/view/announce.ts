/** What a command did, in words for those who do not see the drawing. */
import * as format from '../document/format.js';
import type { Marks } from '../draw/job.js';
import type { Picture } from '../draw/picture.js';
import type { GraphModel } from '../model/model.js';
import type { Direction } from '../model/subject.js';
import { DIRECTIONS } from './directions.js';
import type { Fitted } from './stage.js';

/** Why ⇧N leads nowhere. */
export function noFindings(model: GraphModel): string {
  const { failure } = model.document;
  if (!failure) return 'No findings';
  const where = model.place(failure.site)?.where;
  return `${failure.type}${where ? ` in ${where}` : ''}: nothing in this picture is known to have raised it.`;
}

export const NO_OTHER = 'No other direction was recorded.';

const MARKS: Record<keyof Marks, string> = { saved: 'Saved', hooks: 'Hooks' };

/** `Saved: off` */
export const switched = (mark: keyof Marks, on: boolean): string => `${MARKS[mark]}: ${on ? 'on' : 'off'}`;

/** `Legend shown` */
export const shownWords = (part: string, shown: boolean): string => `${part} ${shown ? 'shown' : 'hidden'}`;

/** `Forward trace, 12 boxes` */
export const drawn =
  (direction: Direction) =>
  ({ scene }: Picture): string =>
    `${DIRECTIONS[direction].drawing}, ${format.counted(scene.boxes.length, 'box', 'boxes')}`;

export const fitted = (what: Fitted): string =>
  what === 'all' ? 'All of it is shown' : 'The selection fills the window';
