/** The widget that a notebook's output holds. It makes the view when it is attached and takes it down when it is not. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { Live } from '../generated/document.js';
import { StaticHost, type Host } from '../live/host.js';
import { GraphView, type Memory } from '../view/graph-view.js';

export const MIME_TYPE = 'application/vnd.tapescope.graph.v1+json';

/** Makes the host for a document; `live` says where its objects are, if anywhere. */
export type MakeHost = (live: Live | undefined) => Host;

export class GraphRenderer extends Widget implements IRenderMime.IRenderer {
  private data: unknown;
  private view: GraphView | undefined;
  private host: Host | undefined;
  private memory: Memory = {};

  constructor(private readonly makeHost: MakeHost = () => new StaticHost()) {
    super();
    this.addClass('ts-output');
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const data: unknown = model.data[MIME_TYPE];
    if (data !== this.data) {
      this.data = data;
      this.memory = {};
      this.takeDown();
    }
    if (this.isAttached) this.putUp();
    return Promise.resolve();
  }

  override dispose(): void {
    this.takeDown();
    super.dispose();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.putUp();
  }

  protected override onBeforeDetach(message: Message): void {
    this.takeDown();
    super.onBeforeDetach(message);
  }

  private putUp(): void {
    if (this.view || this.data === undefined) return;
    const live = (this.data as { live?: unknown } | null)?.live;
    this.host = this.makeHost(isLive(live) ? live : undefined);
    this.view = new GraphView(this.node, this.data, this.host, this.memory);
  }

  private takeDown(): void {
    this.view?.dispose();
    this.host?.dispose();
    this.view = undefined;
    this.host = undefined;
  }
}

function isLive(live: unknown): live is Live {
  const { session, display } = (live ?? {}) as Partial<Live>;
  return typeof session === 'string' && typeof display === 'string';
}

export function rendererFactory(makeHost?: MakeHost): IRenderMime.IRendererFactory {
  return {
    safe: true, // a document draws and is shown as text: nothing in it runs
    mimeTypes: [MIME_TYPE],
    createRenderer: () => new GraphRenderer(makeHost),
  };
}
