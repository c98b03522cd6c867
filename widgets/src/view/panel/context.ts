/** What every part of the panel gets. */
import type { GraphModel } from '../../model/model.js';
import type { Subject } from '../../model/subject.js';
import type { Strip } from '../../model/torn.js';
import type { Answer, Params } from '../../live/protocol.js';
import type { Host } from '../../live/host.js';
import type { Go } from '../place.js';

export interface PanelContext {
  model: GraphModel;
  subject: Subject;
  /** Where its picture is torn. */
  strips: Strip[];
  host: Host;
  /** Goes to a place in the notebook, where there is one. */
  go: Go | undefined;
  /** Asks the kernel; while answers are late the panel says why. */
  ask<Result>(method: string, params: Params): Promise<Answer<Result>>;
  /** Whether this page is still shown: an answer that comes later has no place to go. */
  shown(): boolean;
}
