/** Makes the picture of what stands open, with the view marked as busy until it is there. */
import type { Measure } from '../draw/content.js';
import { contentsOf, layoutInput, Picture } from '../draw/picture.js';
import { buildScene } from '../groups/scene.js';
import { LayoutClient } from '../layout/client.js';
import type { Busy } from './busy.js';
import type { Trace } from './trace.js';

export class Pictures {
  private readonly layouts = new LayoutClient();
  private last = 0;

  constructor(
    private readonly busy: Busy,
    private readonly measure: Measure,
  ) {}

  /** Calls `made` before it returns or later; of several pictures asked for, with the last one alone. */
  make({ subject, tree, strips, open }: Trace, made: (picture: Picture) => void): void {
    const scene = buildScene(subject, tree, open, strips);
    const contents = contentsOf(scene, this.measure);
    const mine = ++this.last;
    this.busy.begin();
    this.layouts.request(layoutInput(scene, contents), result => {
      if (mine !== this.last) return;
      this.busy.end();
      made(new Picture(scene, contents, result));
    });
  }

  dispose(): void {
    this.last++;
    this.layouts.dispose();
    this.busy.end();
  }
}
