import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The tests stand beside the package, in ../tests: what they import by name is found here. */
export const modules = {
  vitest: here('node_modules/vitest/dist/index.js'),
  ajv: here('node_modules/ajv'),
  esbuild: here('node_modules/esbuild/lib/main.js'),
  'playwright-core': here('node_modules/playwright-core/index.mjs'),
};

export default defineConfig({
  root: here('..'),
  cacheDir: here('node_modules/.vite'),
  resolve: { alias: modules },
  server: { fs: { strict: false } },
  test: {
    include: ['tests/widgets/**/*.test.ts'],
    environment: 'node',
    testTimeout: 20_000,
    passWithNoTests: false,
  },
});
