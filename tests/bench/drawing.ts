/**
 * Drawing in a real browser: CPU of the renderer from the text of a document to its picture, frames while it is moved,
 * memory, and the size of the extension.
 *
 *     node widgets/scripts/bench.mjs drawing [PART OF A NAME]
 *
 * TAPESCOPE_BENCH_NETRON names a Python that has netron, to compare with.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { netron } from './browser/netron.js';
import { Bench, Files, launch } from './browser/page.js';
import * as view from './browser/view.js';
import { LARGE, rnn, transformer } from './graphs/index.js';

const ROOT = process.env.TAPESCOPE_ROOT!;
const RUNS = { small: 5, large: 2 };

interface Goal {
  first?: number;
  expanded?: number;
  frames?: boolean;
  /** MB of the text, and milliseconds to read it. */
  size?: number;
  read?: number;
  memory?: boolean;
}

const GRAPHS: Record<string, { make: () => Record<string, unknown>; goal: Goal }> = {
  'transformer, 10,000 nodes': { make: () => transformer(10_000), goal: { first: 0.5, expanded: 1 } },
  'transformer, 50,000 nodes': { make: () => transformer(50_000), goal: { first: 1 } },
  'RNN, 1,001 nodes': { make: () => rnn(1001), goal: { first: 0.5, expanded: 0.5 } },
  'transformer, 100,000 nodes': {
    make: () => transformer(100_000),
    goal: { frames: true, memory: true, size: 5, read: 50 },
  },
  'chain, 100,000 nodes': { make: LARGE['chain, 100,000 nodes']!, goal: { frames: true } },
};

const filter = process.argv[2];

function told(seen: number, goal: number | undefined, unit: string, digits = 2): string {
  const figure = `${seen.toFixed(digits)} ${unit}`;
  if (goal === undefined) return figure;
  return `${figure} (≤ ${goal} ${unit}${Number(seen.toFixed(digits)) > goal ? ', OVER' : ''})`;
}

async function measure(
  browser: Browser,
  url: string,
  name: string,
  bytes: number,
  goal: Goal,
): Promise<string[]> {
  let [first, expanded] = [Infinity, Infinity];
  let frames: view.Frames | undefined;
  let [memory, boxes, read, cold] = [NaN, 0, Infinity, Infinity];
  const runs = goal.frames ? RUNS.large : RUNS.small;
  for (let run = 0; run < runs; run++) {
    const bench = await Bench.open(browser, url);
    await view.load(bench, name);
    if (goal.read) {
      // In a page of its own: reading warms what the first picture is measured with.
      const fresh = await Bench.open(browser, url);
      await view.load(fresh, name);
      cold = Math.min(cold, (await view.read(fresh)).cpu);
      for (let again = 0; again < 8; again++) read = Math.min(read, (await view.read(fresh)).cpu);
      await fresh.close();
    }
    const before = await bench.heap();
    first = Math.min(first, (await view.open(bench)).cpu);
    expanded = Math.min(expanded, (await view.expand(bench)).cpu);
    boxes = await view.boxes(bench);
    if (goal.frames) {
      const { median, worst } = await view.move(bench);
      frames = {
        median: Math.min(median, frames?.median ?? Infinity),
        worst: Math.min(worst, frames?.worst ?? Infinity),
      };
    }
    if (goal.memory) memory = (await bench.heap()) - before;
    await bench.close();
  }
  return [
    name,
    told(first, goal.first, 's'),
    told(expanded, goal.expanded, 's'),
    String(boxes),
    frames ? `${told(frames.median, 17, 'ms', 0)}, ${told(frames.worst, 35, 'ms', 0)}` : '',
    goal.memory ? told(memory, 200, 'MB', 0) : '',
    goal.read
      ? `${told(bytes / 1e6, goal.size, 'MB', 1)}, ${told(1000 * read, goal.read, 'ms', 0)}; the first time in a page ${told(1000 * cold, undefined, 'ms', 0)}`
      : '',
  ];
}

function extension(): string {
  const place = join(ROOT, 'widgets', 'labextension', 'static');
  if (!existsSync(place)) return 'not built';
  const sizes = readdirSync(place)
    .filter(name => name.endsWith('.js'))
    .map(name => gzipSync(readFileSync(join(place, name))).length);
  return told(sizes.reduce((a, b) => a + b, 0) / 1000, 150, 'KB', 0);
}

async function compare(browser: Browser, python: string): Promise<void> {
  for (const [name, length] of [
    ['a chain of 1,000', 1000],
    ['a chain of 10,000', 10_000],
  ] as const) {
    const nodes = Array.from({ length }, (_, i) => ({
      id: i,
      op: i % 2 ? 'Mul' : 'Tanh',
      inputs: i ? [i - 1] : [],
    }));
    const spent = await netron(browser, python, nodes, 120_000);
    console.log(`netron, ${name}: ${spent ? `${spent.cpu.toFixed(2)} s` : 'nothing in 120 s'}`);
  }
}

const files = new Files();
const browser = await launch();
try {
  const url = await files.start(ROOT);
  console.log(
    '| graph | first picture | all open | boxes | CPU a frame: median, worst | memory | document, read |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const [name, { make, goal }] of Object.entries(GRAPHS)) {
    if (filter && !name.includes(filter)) continue;
    const text = JSON.stringify(make());
    files.add(`/documents/${encodeURIComponent(name)}`, 'application/json', text);
    console.log(`| ${(await measure(browser, url, name, text.length, goal)).join(' | ')} |`);
  }
  console.log(`\nextension, gzip: ${extension()}`);
  if (process.env.TAPESCOPE_BENCH_NETRON && (!filter || filter === 'netron'))
    await compare(browser, process.env.TAPESCOPE_BENCH_NETRON);
} finally {
  await browser.close();
  files.stop();
}
