/**
 * The JupyterLab and Notebook plugin. Anywhere, a document is drawn without a kernel; in a notebook the renderer is
 * bound to that notebook's session, as each notebook has a registry of renderers of its own.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { DocumentRegistry, IDocumentWidget } from '@jupyterlab/docregistry';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { CommHost } from './comm.js';
import { MIME_TYPE, rendererFactory } from './renderer.js';

/** Before the renderers of images and text; a notebook's own before the general one. */
const RANK = { general: 0, notebook: -1 };

/** The part of a notebook panel that is needed, so that the notebook package isn't. */
interface NotebookPanel extends IDocumentWidget {
  readonly sessionContext: ISessionContext;
  readonly content: IDocumentWidget['content'] & { readonly rendermime: IRenderMimeRegistry };
}

class NotebookExtension {
  createNew(panel: NotebookPanel): { dispose(): void; isDisposed: boolean } {
    const { rendermime } = panel.content;
    rendermime.addFactory(
      rendererFactory(live => new CommHost(panel.sessionContext, live)),
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
  activate(app: JupyterFrontEnd, rendermime: IRenderMimeRegistry): void {
    rendermime.addFactory(rendererFactory(), RANK.general);
    app.docRegistry.addWidgetExtension(
      'Notebook',
      new NotebookExtension() as unknown as DocumentRegistry.WidgetExtension,
    );
  },
};

export default plugin;
