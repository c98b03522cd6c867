/** The graphs of the drawing benchmarks, as documents of the real format, made anew and the same each time. */
import { rnn, transformer, unet } from './networks.js';
import * as shapes from './shapes.js';

export { random } from './random.js';
export { rnn, transformer, unet } from './networks.js';
export * from './shapes.js';

export type GraphMaker = () => Record<string, unknown>;

/** Those whose edge crossings are compared with dot's: at most 1,000 nodes. */
export const SMALL: Record<string, GraphMaker> = {
  'transformer, 1 block': () => transformer(60),
  'transformer, 6 blocks': () => transformer(250),
  'transformer, 24 blocks': () => transformer(1000),
  'RNN, 100 nodes': () => rnn(100),
  'U-Net, 5 levels': () => unet(5),
  'random, 60 nodes': () => shapes.randomDag(60, 12),
  'random, 150 nodes, deep': () => shapes.randomDag(150, 6),
  'random, 300 nodes': () => shapes.randomDag(300, 20),
  'random, 300 nodes, flat': () => shapes.randomDag(300, 100),
  'random, 1,000 nodes, deep': () => shapes.randomDag(1000, 8),
  'wide, 20 × 8': () => shapes.wide(20, 8),
  'wide, 40 × 20': () => shapes.wide(40, 20),
  'tree, 128 leaves': () => shapes.tree(128),
  'ladder, 100 rungs': () => shapes.ladder(100),
  'hub, 60 nodes': () => shapes.hub(60),
};

/** Those that show how far it goes. */
export const LARGE: Record<string, GraphMaker> = {
  'transformer, 10,000 nodes': () => transformer(10_000),
  'transformer, 50,000 nodes': () => transformer(50_000),
  'transformer, 100,000 nodes': () => transformer(100_000),
  'RNN, 1,001 nodes': () => rnn(1001),
  'chain, 100,000 nodes': () => shapes.chain(100_000),
  'loop, 50,000 turns': () => shapes.loop(50_000),
  'random, 100,000 nodes, deep': () => shapes.randomDag(100_000, 12),
  'random, 100,000 nodes, flat': () => shapes.randomDag(100_000, 50_000),
  'wide, 2,000 × 20': () => shapes.wide(2000, 20),
  'fan, 10,000 leaves': () => shapes.fan(10_000),
  'outputs, 5,000': () => shapes.outputs(5000),
  'hub, 30,000 nodes': () => shapes.hub(30_000),
};
