/**
 * The view of one document: parses it, keeps what is open and selected, and has stage, twin, header and panel agree.
 * It knows nothing of Jupyter; where it stands is behind `host`.
 */
import { leftOut, facts } from '../model/facts.js';
import { backwardSubject } from '../model/backward.js';
import { forwardSubject } from '../model/forward.js';
import { GraphModel, type Place } from '../model/model.js';
import type { Subject } from '../model/subject.js';
import { stripsOf, type Strip } from '../model/torn.js';
import { DocumentError, parse } from '../document/parse.js';
import { contentsOf, layoutInput, Picture } from '../draw/picture.js';
import { fold, GLANCE } from '../groups/fold.js';
import { initiallyOpen } from '../groups/open.js';
import { buildScene } from '../groups/scene.js';
import { buildTree, groupsOf, type Group } from '../groups/tree.js';
import { LayoutClient } from '../layout/client.js';
import { StaticHost, type Host, type Went } from '../live/host.js';
import { append, el, icon } from './dom.js';
import { Footer } from './footer.js';
import { Header } from './header.js';
import type { Go } from './place.js';
import { Panel } from './panel/panel.js';
import { Said } from './said.js';
import { search } from './search.js';
import { Stage } from './stage.js';
import { emptyPage, failureNote, refusal, tornEdge } from './states.js';
import { Twin } from './twin.js';
import { readingOrder } from './walk.js';

type Direction = 'backward' | 'forward';

/** What a view remembers when it is taken away and made again, as a notebook does with what scrolls far off. */
export interface Memory {
  direction?: Direction;
  open?: Partial<Record<Direction, string[]>>;
  selected?: string | undefined;
  saved?: boolean;
  hooks?: boolean;
}

/** Of the whole display, in pixels: as high as the picture needs, within these. */
const HEIGHT = { least: 220, most: 560, chrome: 34 + 26 + 2, margin: 28, panel: 460, below: 640 };

/** Up to this width the panel stands below the drawing, as the style sheet has it. */
const NARROW = 640;

interface Trace {
  subject: Subject;
  tree: Group;
  strips: Strip[];
  open: Set<string>;
}

export class GraphView {
  readonly element = el('div', { class: 'ts-view' });
  private readonly parts: { dispose(): void }[] = [];

  constructor(parent: Element, data: unknown, host: Host = new StaticHost(), memory: Memory = {}) {
    parent.append(this.element);
    try {
      const { document, notices } = parse(data);
      this.parts.push(new Shown(this.element, new GraphModel(document), notices, host, memory));
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      this.element.append(...refusal(error));
    }
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
    this.element.remove();
  }
}

/** The view of a document that could be read. */
class Shown {
  private readonly header: Header;
  private readonly footer = new Footer();
  private readonly stage: Stage;
  private readonly twin: Twin;
  private readonly panel: Panel;
  private readonly said = new Said();
  private readonly go: Go | undefined;
  private readonly layouts = new LayoutClient();
  private readonly traces = new Map<Direction, Trace>();
  private readonly themes = new MutationObserver(() => this.themeChanged());
  private picture: Picture | undefined;
  private direction: Direction;
  private selected: string | undefined;
  private found: number[] = [];
  private sized = false;
  private request = 0;

  constructor(
    private readonly element: HTMLElement,
    private readonly model: GraphModel,
    notices: string[],
    private readonly host: Host,
    private readonly memory: Memory,
  ) {
    const { document } = model;
    const known = facts(model);
    const empty = document.nodes.length === 0 && document.ops.length === 0;
    this.direction = memory.direction ?? (document.nodes.length || document.failure ? 'backward' : 'forward');
    this.selected = memory.selected;
    this.header = new Header(known, document.ops.length > 0, !empty, {
      direction: direction => this.turn(direction),
      saved: () => this.mark('saved'),
      hooks: () => this.mark('hooks'),
      find: query => this.find(query),
      findNext: step => this.step(this.found, step),
      leaveFind: () => this.twin.focus(),
      zoom: factor => this.stage.zoomBy(factor),
      fit: () => this.stage.fit(),
      problem: () => this.nextFinding(1),
    });
    this.stage = new Stage({
      clicked: (box, twice) => this.clicked(box, twice),
      zoomed: zoom => this.footer.showZoom(zoom),
    });
    this.stage.marks.saved = memory.saved ?? true;
    this.stage.marks.hooks = memory.hooks ?? true;
    this.twin = new Twin(
      `Graph of ${known.subject}: ${known.items.join(', ')}. Arrow keys walk along the edges; ? lists all keys.`,
      {
        select: box => this.select(this.picture?.scene.boxes[box]?.key, true),
        toggle: box => this.toggle(this.picture?.scene.boxes[box]?.key),
        openPanel: () => this.panel.element.focus(),
        back: () => this.back(),
        find: () => this.header.focusFind(),
        fit: () => this.stage.fit(),
        zoom: factor => this.stage.zoomBy(factor),
        switchSaved: () => this.mark('saved'),
        switchHooks: () => this.mark('hooks'),
        switchDirection: () => this.turn(this.direction === 'backward' ? 'forward' : 'backward'),
        nextFinding: step => this.nextFinding(step),
        keys: () => this.panel.showKeys(),
      },
    );
    this.go = host.goTo && (place => void this.goTo(place));
    this.panel = new Panel(model, host, { close: () => this.close(), go: key => this.toggle(key) }, this.go);
    this.panel.element.addEventListener('keydown', event => {
      if (event.key === 'Escape') this.twin.focus();
      // Keys in the panel are the panel's: the notebook's command mode must not see them.
      event.stopPropagation();
    });
    this.build(notices, empty);
    this.themes.observe(globalThis.document.body, {
      attributes: true,
      attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name', 'class'],
    });
  }

  private build(notices: string[], empty: boolean): void {
    const { element, model } = this;
    element.setAttribute('data-lm-suppress-shortcuts', 'true');
    append(element, this.header.element);
    for (const notice of notices)
      append(
        element,
        el(
          'div',
          { class: 'ts-note', 'data-severity': 'warning', role: 'note' },
          icon('warning', 14),
          el('p', {}, notice),
        ),
      );
    const { failure } = model.document;
    if (failure) append(element, failureNote(model, this.go));
    if (empty) {
      append(element, el('div', { class: 'ts-body' }, emptyPage(model), this.said.element));
      element.style.minHeight = '160px';
    } else {
      this.stage.element.append(this.twin.element);
      append(
        element,
        el('div', { class: 'ts-body' }, this.stage.element, this.panel.element, this.said.element),
        this.twin.live,
      );
    }
    const missing = leftOut(model);
    if (missing.length)
      append(
        element,
        el('div', { class: 'ts-note ts-left-out', role: 'note' }, tornEdge(), el('p', {}, missing.join(' '))),
      );
    if (empty) return;
    append(element, this.footer.element);
    element.style.height = `${HEIGHT.least}px`;
    this.header.update({ direction: this.direction, ...this.stage.marks });
    this.show();
  }

  dispose(): void {
    this.themes.disconnect();
    this.request = -1;
    this.layouts.dispose();
    this.said.hide();
    this.stage.dispose();
    this.panel.dispose();
    this.twin.element.remove();
  }

  private trace(): Trace {
    let trace = this.traces.get(this.direction);
    if (!trace) {
      const subject =
        this.direction === 'backward' ? backwardSubject(this.model) : forwardSubject(this.model);
      const tree = buildTree(subject, this.model);
      if (subject.vertices.length > GLANCE) fold(tree, subject, this.model);
      const remembered = this.memory.open?.[this.direction];
      const strips = stripsOf(subject, this.model);
      const open = remembered ? new Set(remembered) : initiallyOpen(tree, strips.length > 0);
      trace = { subject, tree, strips, open };
      this.traces.set(this.direction, trace);
    }
    return trace;
  }

  /** Lays out what is visible and shows it; the box `keep` stays where it is in the window. */
  private show(keep?: string): void {
    const { subject, tree, strips, open } = this.trace();
    const scene = buildScene(subject, tree, open, strips);
    const contents = contentsOf(scene, this.stage.measure);
    const request = ++this.request;
    this.footer.update(subject);
    this.layouts.request(layoutInput(scene, contents), result => {
      if (request !== this.request) return;
      const before = this.picture;
      const picture = new Picture(scene, contents, result);
      this.picture = picture;
      this.size(picture);
      this.stage.show(picture, focusOf(picture), anchor(before, picture, keep));
      this.twin.show(picture);
      this.showFound();
      this.select(picture.indexOf(this.selected) >= 0 ? this.selected : undefined, false, false);
    });
  }

  /** The height that the first picture needs; later ones move in it, so the notebook does not jump. */
  private size(picture: Picture): void {
    if (this.sized) return;
    this.sized = true;
    const notes = [...this.element.querySelectorAll(':scope > .ts-note')].reduce(
      (sum, note) => sum + note.getBoundingClientRect().height,
      0,
    );
    const wanted = picture.size.height + HEIGHT.margin + HEIGHT.chrome + notes;
    this.element.style.height = `${Math.round(Math.min(HEIGHT.most, Math.max(HEIGHT.least, wanted)))}px`;
  }

  private select(key: string | undefined, announce: boolean, reveal = true): void {
    const { picture } = this;
    const box = picture?.indexOf(key) ?? -1;
    this.selected = box >= 0 ? key : undefined;
    this.memory.selected = this.selected;
    if (picture && box >= 0) {
      // The panel has much to say: a low display grows once, when the user asks for it.
      const needed = this.element.offsetWidth <= NARROW ? HEIGHT.below : HEIGHT.panel;
      if (!this.panel.shown && this.element.offsetHeight < needed) this.element.style.height = `${needed}px`;
      const { subject, strips } = this.trace();
      this.panel.show(picture.scene.boxes[box]!, subject, strips);
    } else this.panel.hide();
    this.stage.select(box);
    this.twin.select(box, announce);
    this.said.hide();
    if (reveal) this.stage.reveal(box);
  }

  private clicked(box: number, twice: boolean): void {
    const clicked = box < 0 ? undefined : this.picture?.scene.boxes[box];
    if (twice) {
      if (clicked?.group) this.toggle(clicked.key);
      return;
    }
    this.select(clicked?.key, true);
    this.twin.focus();
  }

  private toggle(key: string | undefined): void {
    const { open, tree } = this.trace();
    if (key === undefined || !groupsOf(tree).some(group => group.key === key)) return;
    if (!open.delete(key)) open.add(key);
    this.selected = key;
    this.remember();
    this.show(key);
  }

  private remember(): void {
    this.memory.direction = this.direction;
    this.memory.open = Object.fromEntries(
      [...this.traces].map(([direction, trace]) => [direction, [...trace.open]]),
    );
    this.memory.saved = this.stage.marks.saved;
    this.memory.hooks = this.stage.marks.hooks;
  }

  private turn(direction: Direction): void {
    if (direction === this.direction || (direction === 'forward' && !this.model.document.ops.length)) return;
    this.direction = direction;
    this.selected = undefined;
    this.found = [];
    this.remember();
    this.header.update({ direction, ...this.stage.marks });
    this.show();
  }

  private mark(which: 'saved' | 'hooks'): void {
    this.stage.marks[which] = !this.stage.marks[which];
    this.remember();
    this.header.update({ direction: this.direction, ...this.stage.marks });
    this.stage.invalidate();
  }

  /** Esc: the panel's focus, then the selection, then the notebook. */
  private back(): boolean {
    if (this.selected === undefined && !this.panel.shown) {
      this.twin.element.blur();
      return true;
    }
    this.select(undefined, false);
    return true;
  }

  private find(query: string): void {
    this.found = search(this.trace().subject, this.model, query);
    this.header.showFound(query.trim() ? this.found.length : undefined);
    this.showFound();
  }

  private showFound(): void {
    const boxes = this.found.map(vertex => this.picture!.scene.boxOf[vertex]!).filter(box => box >= 0);
    this.stage.found = new Set(boxes);
    this.stage.invalidate();
  }

  private nextFinding(step: 1 | -1): void {
    const { subject } = this.trace();
    this.step(
      subject.vertices.flatMap((vertex, i) => (vertex.finding ? [i] : [])),
      step,
    );
  }

  /** To the next of some vertices in reading order, opening the groups that hide it. */
  private step(vertices: number[], step: 1 | -1): void {
    if (!vertices.length || !this.picture) return;
    const { subject, tree, open } = this.trace();
    const { boxOf } = this.picture.scene;
    const place = new Map(readingOrder(this.picture).map((box, row) => [box, row]));
    const row = (vertex: number): number => place.get(boxOf[vertex]!) ?? 0;
    const sorted = [...vertices].sort((a, b) => row(a) - row(b) || a - b);
    const at = sorted.findIndex(vertex => subject.vertices[vertex]!.key === this.selected);
    const next = sorted[(at + step + sorted.length + (at < 0 && step < 0 ? 1 : 0)) % sorted.length]!;
    const key = subject.vertices[next]!.key;
    const hidden = groupsOf(tree).filter(group => holds(group, next) && !open.has(group.key));
    if (!hidden.length) return this.select(key, true);
    for (const group of hidden) open.add(group.key);
    this.selected = key;
    this.remember();
    this.show(hidden[0]!.key);
  }

  private close(): void {
    this.select(undefined, false);
    this.twin.focus();
  }

  private async goTo(place: Place): Promise<void> {
    const { cell, line, site } = place;
    if (!cell) return;
    const went = await this.host.goTo!({
      executionCount: cell.execution_count,
      hash: cell.hash,
      source: cell.source,
      line,
      column: site.column,
      endColumn: site.end_column,
    }).catch((): Went => 'gone');
    const name = this.model.cellName(cell).replace(/^./, first => first.toUpperCase());
    if (went === 'gone') this.said.show(`${name} is no longer in this notebook.`);
    else if (went === 'edited') this.said.show(`${name} was edited since: the line may be another one.`);
    else this.said.hide();
  }

  private themeChanged(): void {
    this.stage.themeChanged();
  }
}

/** Whether a vertex is somewhere below a group. */
function holds(group: Group, vertex: number): boolean {
  const stack: Group[] = [group];
  for (let at = stack.pop(); at; at = stack.pop()) {
    for (const child of at.children) {
      if (child === vertex) return true;
      if (typeof child !== 'number') stack.push(child);
    }
  }
  return false;
}

/** Where the eye begins: the first output, else the first box. */
function focusOf(picture: Picture): number {
  const output = picture.scene.boxes.findIndex(
    box => box.vertex?.kind === 'output' || box.vertex?.kind === 'failed',
  );
  return picture.layout.x[Math.max(0, output)] ?? 0;
}

/** The title of the opened group, or the middle of the closed one, in both pictures. */
function anchor(before: Picture | undefined, after: Picture, keep: string | undefined) {
  const [was, is] = [before?.indexOf(keep) ?? -1, after.indexOf(keep)];
  if (!before || was < 0) return undefined;
  const point = (picture: Picture, box: number): [number, number] => [
    picture.layout.x[box]!,
    picture.rect(box).top,
  ];
  if (is >= 0) return { before: point(before, was), after: point(after, is) };
  return undefined;
}
