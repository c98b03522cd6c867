import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { modules } from './vitest.config.js';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  cacheDir: fileURLToPath(new URL('node_modules/.vite', import.meta.url)),
  resolve: { alias: modules },
  test: {
    include: ['tests/browser/**/*.spec.ts'],
    environment: 'node',
    globalSetup: fileURLToPath(new URL('../tests/browser/support/server.ts', import.meta.url)),
    // One browser and one JupyterLab at a time.
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
    passWithNoTests: false,
  },
});
