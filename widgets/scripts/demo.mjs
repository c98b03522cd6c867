// Builds the demo page into demo/dist, and serves it: node scripts/demo.mjs [--build-only]
import { createServer } from 'node:http';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const golden = join(dirname(root), 'tests', 'golden');
const out = join(root, 'demo', 'dist');

/** `examples` is the golden documents, so that the page works without a server too. */
const examples = {
  name: 'examples',
  setup(bundle) {
    bundle.onResolve({ filter: /^examples$/ }, () => ({ path: 'examples', namespace: 'examples' }));
    bundle.onLoad({ filter: /.*/, namespace: 'examples' }, async () => {
      const names = (await readdir(golden)).filter(name => name.endsWith('.json')).sort();
      const parts = names.map(async name => {
        const text = JSON.stringify(JSON.parse(await readFile(join(golden, name), 'utf8')));
        return `${JSON.stringify(name.slice(0, -5))}: JSON.parse(${JSON.stringify(text)})`;
      });
      return { contents: `export const EXAMPLES = {${(await Promise.all(parts)).join(',\n')}};` };
    });
  },
};

await mkdir(out, { recursive: true });
await build({
  entryPoints: [join(root, 'demo', 'demo.ts')],
  outfile: join(out, 'demo.js'),
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  plugins: [examples],
});
await copyFile(join(root, 'demo', 'index.html'), join(out, 'index.html'));
await copyFile(join(root, 'demo', 'demo.css'), join(out, 'demo.css'));
await build({
  entryPoints: [join(root, 'style', 'index.css')],
  outfile: join(out, 'view.css'),
  bundle: true,
});

if (!process.argv.includes('--build-only')) {
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
  const server = createServer(async (request, response) => {
    const name = request.url === '/' ? 'index.html' : (request.url ?? '').replace(/^\/|[?#].*$/g, '');
    const known = (await readdir(out)).includes(name);
    response.writeHead(known ? 200 : 404, { 'content-type': types[extname(name)] ?? 'text/plain' });
    response.end(known ? await readFile(join(out, name)) : 'not here');
  });
  server.listen(Number(process.env.PORT ?? 8484), '127.0.0.1', () =>
    console.log(`http://127.0.0.1:${server.address().port}`),
  );
}
