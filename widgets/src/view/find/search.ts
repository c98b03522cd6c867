/**
 * Finds vertices by name, shape, module or the text of their line; `/…/` is a regular expression. Each distinct text
 * is looked at once: a graph of 100,000 nodes has a few hundred.
 */
import type { GraphModel } from '../../model/model.js';
import type { Subject } from '../../model/subject.js';
import { shorten } from '../../document/text.js';
import type { Matcher } from './regex.js';

export type Found =
  | { state: 'idle' }
  | { state: 'found'; vertices: number[] }
  /** What is wrong with what was asked for. */
  | { state: 'refused'; why: string };

/** Only so much of a text is looked at. */
const LOOKED_AT = 2_000;

export class SearchIndex {
  private readonly texts: string[] = [];
  /** Which texts each vertex has: its name, shape, module and line; -1 is none. */
  private readonly has: Int32Array[];

  private readonly count: number;

  constructor(subject: Subject, model: GraphModel) {
    const known = new Map<string, number>();
    const intern = (text: string): number => {
      let at = known.get(text);
      if (at === undefined) {
        known.set(text, (at = this.texts.length));
        this.texts.push(text.slice(0, LOOKED_AT));
      }
      return at;
    };
    const numbered = (text: string | undefined): number => (text ? intern(text) : -1);
    const lines = new Map<number, number>();
    const line = (site: number): number => {
      let text = lines.get(site);
      if (text === undefined) lines.set(site, (text = site < 0 ? -1 : numbered(model.place(site)?.text)));
      return text;
    };
    const { name, names, shape, shapes, module, modules, site } = subject.vertices.columns;
    const of = (codes: Int32Array, texts: (string | undefined)[]): Int32Array => {
      const numbers = Int32Array.from(texts, numbered);
      return codes.map(code => (code < 0 ? -1 : numbers[code]!));
    };
    this.has = [of(name, names.all), of(shape, shapes.all), of(module, modules), Int32Array.from(site, line)];
    this.count = subject.vertices.length;
  }

  /** Calls `done` once: before it returns, but for regular expressions, which `match` runs apart from the page. */
  search(query: string, match: Matcher, done: (found: Found) => void): void {
    const wanted = query.trim();
    if (!wanted) return done({ state: 'idle' });
    const regex = /^\/(.+?)\/?$/.exec(wanted);
    if (!regex) {
      const lower = wanted.toLowerCase();
      return done(this.having(this.texts.map(text => text.toLowerCase().includes(lower))));
    }
    const wrong = faultOf(regex[1]!);
    if (wrong !== undefined) return done({ state: 'refused', why: wrong });
    void match(regex[1]!, this.texts).then(matches => {
      if (matches === '') return;
      done(typeof matches === 'string' ? { state: 'refused', why: matches } : this.having(matches));
    });
  }

  private having(matches: ArrayLike<unknown>): Found {
    const vertices: number[] = [];
    for (let vertex = 0; vertex < this.count; vertex++)
      if (this.has.some(texts => texts[vertex]! >= 0 && matches[texts[vertex]!])) vertices.push(vertex);
    return { state: 'found', vertices };
  }
}

/** What the engine says against a pattern, without repeating the pattern. */
function faultOf(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'i');
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return shorten(`Not a regular expression: ${message.slice(message.lastIndexOf(': ') + 2)}`, 120);
  }
}
