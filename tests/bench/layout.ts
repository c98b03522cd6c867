/**
 * Documents to coordinates, without a browser: CPU time of each step, memory, and edge crossings beside dot's.
 *
 *     node widgets/scripts/bench.mjs layout [large] [crossings] [memory]
 */
import { crossingsTable } from './plain/crossings.js';
import * as graphs from './graphs/index.js';
import { open } from './plain/steps.js';

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function timed<T>(act: () => T): [T, number] {
  const start = cpu();
  const result = act();
  return [result, cpu() - start];
}

const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** Least of a few runs: others share the machine. */
function large(): void {
  console.log('| graph | size | parse | first picture | boxes | all expanded | boxes | ratio |');
  console.log('|---|---|---|---|---|---|---|---|');
  for (const [name, make] of Object.entries(graphs.LARGE)) {
    if (filter && !name.includes(filter)) continue;
    const text = JSON.stringify(make());
    let [parsed, first, all] = [Infinity, Infinity, Infinity];
    let boxes = '';
    let openBoxes = '';
    let ratio = '';
    for (let run = 0; run < 3; run++) {
      const steps = open();
      const [, parsing] = timed(() => steps.parse(text));
      const [closed, drawing] = timed(() => steps.firstPicture());
      const [expanded, expanding] = timed(() => steps.expandAll());
      parsed = Math.min(parsed, parsing);
      first = Math.min(first, parsing + drawing);
      all = Math.min(all, expanding);
      boxes = String(closed.scene.boxes.length);
      openBoxes = String(expanded.scene.boxes.length);
      ratio = `${Math.round(expanded.layout.totalWidth)} × ${Math.round(expanded.layout.totalHeight)}`;
    }
    console.log(
      `| ${name} | ${(text.length / 1e6).toFixed(1)} MB | ${ms(parsed)} | ${ms(first)} | ${boxes} | ${ms(all)} | ${openBoxes} | ${ratio} |`,
    );
  }
}

/** What lives on when a picture is drawn and all of it opened. */
function memoryOf(name: string, gc: () => void): void {
  const text = JSON.stringify(graphs.LARGE[name]!());
  for (let i = 0; i < 3; i++) gc();
  const before = process.memoryUsage();
  const steps = open();
  steps.parse(text);
  steps.firstPicture();
  const expanded = steps.expandAll();
  for (let i = 0; i < 3; i++) gc();
  const after = process.memoryUsage();
  const used = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
  const boxes = expanded.scene.boxes.length;
  console.log(`| memory, ${name}, ${boxes} boxes | ${(used / 1e6).toFixed(0)} MB | ≤ 200 MB |`);
}

function memory(): void {
  const { gc } = globalThis as { gc?: () => void };
  if (!gc) return console.log('memory: run node with --expose-gc');
  memoryOf(filter || 'transformer, 100,000 nodes', gc);
}

const [what = '', filter = ''] = process.argv.slice(2);
if (!what || what === 'large') large();
if (!what || what === 'memory') memory();
if (!what || what === 'crossings') crossingsTable();
