/** Whether edges lead back to where they came from. A backward graph is built forward in time, so they never do. */

/** Rows of a circle in the order in which one walks it, each once; undefined: there is none. */
export function circleOf(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  count: number,
): number[] | undefined {
  const waiting = new Int32Array(count);
  const start = new Int32Array(count + 1);
  for (let i = 0; i < from.length; i++) {
    waiting[to[i]!]!++;
    start[from[i]! + 1]!++;
  }
  for (let row = 0; row < count; row++) start[row + 1]! += start[row]!;
  const next = start.slice();
  const targets = new Int32Array(from.length);
  for (let i = 0; i < from.length; i++) targets[next[from[i]!]!++] = to[i]!;
  const ready = new Int32Array(count);
  let known = 0;
  for (let row = 0; row < count; row++) if (!waiting[row]) ready[known++] = row;
  for (let i = 0; i < known; i++)
    for (let k = start[ready[i]!]!; k < start[ready[i]! + 1]!; k++)
      if (!--waiting[targets[k]!]!) ready[known++] = targets[k]!;
  return known === count ? undefined : walked(from, to, waiting);
}

/** Whether ids go down along all edges, or up along all: so the engine writes them, and then there is no circle. */
export function isOneWay(from: ArrayLike<number>, to: ArrayLike<number>): boolean {
  let [up, down] = [true, true];
  for (let i = 0; i < from.length && (up || down); i++) {
    up &&= from[i]! < to[i]!;
    down &&= from[i]! > to[i]!;
  }
  return up || down;
}

/** What still waits has one before it that waits: backward from any of these one comes to where one has been. */
function walked(from: ArrayLike<number>, to: ArrayLike<number>, waiting: Int32Array): number[] {
  const before = new Int32Array(waiting.length).fill(-1);
  for (let i = 0; i < from.length; i++) if (waiting[from[i]!] && waiting[to[i]!]) before[to[i]!] = from[i]!;
  const seen = new Map<number, number>();
  const path: number[] = [];
  let at = waiting.findIndex(count => count > 0);
  for (; !seen.has(at); at = before[at]!) {
    seen.set(at, path.length);
    path.push(at);
  }
  return path.slice(seen.get(at)).reverse();
}
