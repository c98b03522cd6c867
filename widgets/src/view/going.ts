/** Goes to a place in the notebook, where the surroundings can, and says in a sentence what was not as it had been. */
import type { Host, Went } from '../live/host.js';
import type { GraphModel, Place } from '../model/model.js';
import type { Said } from './said.js';

export async function goTo(place: Place, host: Host, model: GraphModel, said: Said): Promise<void> {
  const { cell, line, site } = place;
  if (!cell) return;
  const went = await host.goTo!({
    executionCount: cell.execution_count,
    hash: cell.hash,
    source: cell.source,
    line,
    column: site.column,
    endColumn: site.end_column,
  }).catch((): Went => 'gone');
  const name = model.cellName(cell).replace(/^./, first => first.toUpperCase());
  if (went === 'gone') said.show(`${name} is no longer in this notebook.`);
  else if (went === 'edited') said.show(`${name} was edited since: the line may be another one.`);
  else said.hide();
}
