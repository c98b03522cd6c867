// Bundles tests/bench/NAME.ts and runs it in Node: node scripts/bench.mjs NAME [ARGUMENTS...]
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const [name, ...rest] = process.argv.slice(2);
const out = join(root, 'widgets', 'node_modules', '.cache', 'bench');
mkdirSync(out, { recursive: true });
const outfile = join(out, `${name}.mjs`);
await build({
  entryPoints: [join(root, 'tests', 'bench', `${name}.ts`)],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['playwright-core', 'esbuild'],
});
const { status } = spawnSync(process.execPath, ['--expose-gc', outfile, ...rest], {
  stdio: 'inherit',
  env: { ...process.env, TAPESCOPE_ROOT: root },
});
process.exit(status ?? 1);
