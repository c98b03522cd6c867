export { default } from './jupyter/plugin.js';
export * from './core.js';
export { GraphRenderer, MIME_TYPE, rendererFactory } from './jupyter/renderer.js';
