/** The view by itself, without Jupyter. */
export { GraphView, type Memory } from './view/graph-view.js';
export { DocumentError, parse, VersionError } from './document/parse.js';
export { StaticHost, RequestError, type Host, type KernelState } from './live/host.js';
export { LiveClient, type Channel, type ChannelListener, type Open } from './live/client.js';
export type { TapescopeGraph } from './generated/document.js';
