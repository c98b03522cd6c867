/** What is drawn before anything is grouped: vertices and links, of the backward graph or of the forward trace. */
import type { Finding, Ref } from '../generated/document.js';
import type { Sides } from './both.js';
import type { Links } from './links.js';
import type { Family } from './names.js';
import type { Vertices } from './vertices.js';

export type Severity = 'error' | 'warning' | 'info';

/** A severity that a newer minor added is treated as information. */
export function severityOf(finding: Finding): Severity {
  const { severity } = finding;
  if (severity === 'error') return 'error';
  return severity === 'warning' ? 'warning' : 'info';
}

/** torn: stands for what the document left out; no row is behind it. port: for a hub that is far away. */
export type VertexKind = 'node' | 'leaf' | 'output' | 'failed' | 'torn' | 'port';

export interface Vertex {
  /** Stable while the document is shown, whatever is open: selection and focus are kept by it. */
  key: string;
  kind: VertexKind;
  /** Whole name: what is searched, copied and spoken. */
  name: string;
  /** A leaf's second line, an output's value. */
  note: string;
  family: Family | undefined;
  ref: Ref | undefined;
  /** Dotted path of the module whose forward was running. */
  module: string | undefined;
  repeat: { id: number; turn: number } | undefined;
  site: number | undefined;
  /** Grows along the links, as far as the document says: later is nearer to the leaves, in the trace to the results. */
  time: number;
  /** Shape of what it made, as text, for the outline and the search. */
  shape: string;
  hooks: number;
  savedBytes: number;
  /** Its saved variables were released, or the node is gone. */
  freed: boolean;
  /** It is not known any more what it saved. */
  unknown: boolean;
  /** The gravest finding about it. */
  finding: Severity | undefined;
  /** Number and count of the proxy, for a leaf that is drawn once a use. */
  use: { number: number; of: number } | undefined;
}

export type Direction = 'backward' | 'forward' | 'both';

export interface Subject {
  direction: Direction;
  vertices: Vertices;
  links: Links;
  /** Where trace and graph are in one. */
  sides?: Sides;
  /** How many boxes each vertex is in a picture. Absent: one. */
  boxes?: Uint8Array;
}

export function vertex(from: Partial<Vertex> & Pick<Vertex, 'key' | 'kind' | 'name'>): Vertex {
  return {
    note: '',
    family: undefined,
    ref: undefined,
    module: undefined,
    repeat: undefined,
    site: undefined,
    time: 0,
    shape: '',
    hooks: 0,
    savedBytes: 0,
    freed: false,
    unknown: false,
    finding: undefined,
    use: undefined,
    ...from,
  };
}
