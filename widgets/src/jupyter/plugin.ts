/**
 * The JupyterLab and Notebook plugin. Anywhere, a document is drawn without a kernel; in a notebook the renderer is
 * bound to that notebook's session, as each notebook has a registry of renderers of its own.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISessionContextDialogs, type ISessionContext } from '@jupyterlab/apputils';
import type { DocumentRegistry, IDocumentWidget } from '@jupyterlab/docregistry';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { goToCell, type Notebook } from './cells.js';
import { CommHost } from './comm.js';
import { MIME_TYPE, rendererFactory } from './renderer.js';

/** Before the renderers of images and text; a notebook's own before the general one. */
const RANK = { general: 0, notebook: -1 };

/** The part of a notebook panel that is needed, so that the notebook package isn't. */
interface NotebookPanel extends IDocumentWidget {
  readonly sessionContext: ISessionContext;
  readonly content: IDocumentWidget['content'] & Notebook & { readonly rendermime: IRenderMimeRegistry };
}

class NotebookExtension {
  constructor(private readonly dialogs: ISessionContextDialogs | null) {}

  createNew(panel: NotebookPanel): { dispose(): void; isDisposed: boolean } {
    const { rendermime } = panel.content;
    rendermime.addFactory(
      rendererFactory(
        live =>
          new CommHost(panel.sessionContext, live, {
            goTo: place => goToCell(panel.content, place),
            select: () => this.dialogs?.selectKernel(panel.sessionContext),
          }),
      ),
      RANK.notebook,
    );
    const registration = {
      isDisposed: false,
      dispose(): void {
        if (registration.isDisposed) return;
        registration.isDisposed = true;
        rendermime.removeMimeType(MIME_TYPE);
      },
    };
    return registration;
  }
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'tapescope:plugin',
  description: 'Draws the backward graph of a cell.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [ISessionContextDialogs],
  activate(
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    dialogs: ISessionContextDialogs | null,
  ): void {
    rendermime.addFactory(rendererFactory(), RANK.general);
    app.docRegistry.addWidgetExtension(
      'Notebook',
      new NotebookExtension(dialogs) as unknown as DocumentRegistry.WidgetExtension,
    );
  },
};

export default plugin;
