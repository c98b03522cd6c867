/**
 * The view of a document that could be read: keeps what is open, selected, found and looked at, and has stage, twin,
 * header, footer and panel agree about it.
 */
import type { Picture } from '../draw/picture.js';
import type { Tints } from '../draw/tint.js';
import type { Host } from '../live/host.js';
import { facts } from '../model/facts.js';
import type { GraphModel } from '../model/model.js';
import { anchorOf } from './anchor.js';
import { drawn, fitted, noFindings, NO_OTHER, shownWords, switched } from './announce.js';
import { Busy } from './busy.js';
import { after, offered } from './directions.js';
import { captions, save, type Extent, type Format } from './export.js';
import { focusOf } from './eye.js';
import { asRead, Finder, nextOf } from './find/finder.js';
import { Footer } from './footer.js';
import { goTo } from './going.js';
import { Header } from './header.js';
import { Height } from './height.js';
import type { Command } from './keys.js';
import { Legend } from './legend.js';
import { Looking, type Looked } from './looking.js';
import type { Memory } from './memory.js';
import type { MenuItem } from './menu.js';
import { menuOf } from './options.js';
import { overlaysOf, type Overlay } from './overlays/overlay.js';
import { saying } from './overlays/saying.js';
import { assemble } from './page.js';
import { keyIn, partnersOf, pointedWords, tiedTo, toldOf } from './partners.js';
import { Panel } from './panel/panel.js';
import { Pictures } from './pictures.js';
import type { Go } from './place.js';
import { Said } from './said.js';
import { Stage } from './stage.js';
import { Trace, type Direction } from './trace.js';
import { Twin } from './twin.js';
import { isWhole, mayBeWhole, toggleWhole } from './whole.js';

export class Shown {
  private readonly header: Header;
  private readonly footer: Footer;
  private readonly stage: Stage;
  private readonly twin: Twin;
  private readonly panel: Panel;
  private readonly legend = new Legend();
  private readonly said = new Said();
  private readonly go: Go | undefined;
  private readonly pictures: Pictures;
  private readonly busy: Busy;
  private readonly height: Height;
  private readonly traces = new Map<Direction, Trace>();
  private readonly finder: Finder;
  private readonly looking: Looking;
  private readonly themes = new MutationObserver(() => this.stage.themeChanged());
  private readonly offered: ReadonlySet<Direction>;
  private picture: Picture | undefined;
  private direction: Direction;
  private selected: string | undefined;
  private overlay: string | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly model: GraphModel,
    notices: string[],
    host: Host,
    private readonly memory: Memory,
  ) {
    const { document } = model;
    this.busy = new Busy(element);
    this.height = new Height(element, memory.height);
    const known = facts(model);
    const empty = document.tables.nodes.length === 0 && document.tables.ops.length === 0;
    this.direction =
      memory.direction ?? (document.tables.nodes.length || document.failure ? 'backward' : 'forward');
    this.offered = offered(model);
    this.selected = memory.selected;
    this.overlay = memory.overlay;
    this.finder = new Finder(model, () => this.showFound());
    this.header = new Header(known, this.offered, !empty, {
      direction: direction => this.turn(direction),
      saved: () => this.mark('saved'),
      hooks: () => this.mark('hooks'),
      find: query => this.finder.find(query, this.trace.subject),
      findNext: step => this.nextFound(step),
      leaveFind: () => this.twin.focus(),
      fit: () => this.run('fit'),
      problem: () => this.nextFinding(1),
      colour: at => this.colour(this.overlays[at]?.name),
      menu: () => this.menu(),
    });
    this.stage = new Stage({
      clicked: (box, twice) => this.clicked(box, twice),
      folded: box => {
        this.toggle(this.picture?.scene.boxes[box]?.key);
        this.twin.focus();
      },
      hovered: box => this.hovered(box),
      zoomed: zoom => this.footer.showZoom(zoom),
    });
    this.pictures = new Pictures(this.busy, this.stage.measure);
    this.footer = new Footer({
      zoom: factor => this.stage.zoomBy(factor),
      legend: () => this.run('legend'),
    });
    this.looking = new Looking(this.looked());
    Object.assign(this.stage.marks, { saved: memory.saved ?? true, hooks: memory.hooks ?? true });
    this.twin = new Twin(
      `Graph of ${known.subject}: ${known.items.join(', ')}. Arrow keys walk along the edges; ? lists all keys.`,
      {
        select: box => this.select(this.picture?.scene.boxes[box]?.key, true),
        choose: box => this.choose(box),
        toggle: box => this.toggle(this.picture?.scene.boxes[box]?.key),
        enter: box => this.enter(box),
        back: () => this.back(),
        command: command => this.run(command),
      },
    );
    this.go = host.goTo && (place => void goTo(place, host, model, this.said));
    this.panel = new Panel(
      model,
      host,
      { close: () => this.close(), go: key => this.toggle(key), look: kind => this.looking.at(kind) },
      this.go,
    );
    this.panel.element.addEventListener('keydown', event => {
      if (event.key === 'Escape') this.twin.focus();
      // Keys in the panel are the panel's: the notebook's command mode must not see them.
      event.stopPropagation();
    });
    this.build(notices);
    this.themes.observe(globalThis.document.body, {
      attributes: true,
      attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name', 'class'],
    });
  }

  private build(notices: string[]): void {
    const { element, model, stage, twin, panel } = this;
    stage.element.append(this.legend.element);
    const parts = {
      header: this.header.element,
      strip: this.looking.element,
      body: [twin.element, stage.element, panel.element],
      live: twin.live,
      said: this.said.element,
      footer: this.footer.element,
    };
    if (!assemble(element, model, notices, parts, this.go)) return;
    this.height.begin();
    if (this.memory.outline) twin.display(true);
    this.update();
    this.show();
  }

  /** What looking at a part may know and do. */
  private looked(): Looked {
    const view = this;
    return {
      get subject() {
        return view.trace.subject;
      },
      get picture() {
        return view.picture;
      },
      get selected() {
        return view.selected;
      },
      keep: kept => this.stage.emphasise({ kept }),
      lowered: by => this.stage.resized(by),
      announce: words => this.twin.announce(words),
      say: sentence => this.said.show(sentence),
      walk: () => this.twin.focus(),
    };
  }

  dispose(): void {
    this.themes.disconnect();
    this.pictures.dispose();
    this.finder.dispose();
    this.said.hide();
    this.stage.dispose();
    this.panel.dispose();
    this.twin.element.remove();
  }

  /** What there is to find in it, the most telling first. */
  *words(): Iterable<string> {
    const { subject, items, problem } = facts(this.model);
    yield* [subject, ...items, problem?.text ?? ''];
    yield* this.trace.names();
  }

  /** Whether the user is in it: then it is not put to sleep. */
  get inUse(): boolean {
    return this.element.contains(globalThis.document.activeElement);
  }

  private get trace(): Trace {
    let trace = this.traces.get(this.direction);
    if (!trace) {
      trace = new Trace(this.direction, this.model, this.memory.open?.[this.direction]);
      this.traces.set(this.direction, trace);
    }
    return trace;
  }

  private get overlays(): Overlay[] {
    return overlaysOf(this.model, this.trace.subject);
  }

  private get shownOverlay(): Overlay | undefined {
    return this.overlays.find(({ name }) => name === this.overlay);
  }

  /** Header and footer say what is switched on. */
  private update(): void {
    const { overlays, shownOverlay } = this;
    this.header.update({
      direction: this.direction,
      ...this.stage.marks,
      overlays: overlays.map(({ short }) => short),
      overlay: shownOverlay ? overlays.indexOf(shownOverlay) : -1,
    });
    this.footer.update(this.trace.subject, shownOverlay);
    this.legend.turn(this.direction);
  }

  /** Lays out what is visible and shows it; the box `keep` stays where it is in the window. */
  private show(keep?: string, announce = false, then?: () => void): void {
    this.pictures.make(this.trace, picture => {
      const before = this.picture;
      this.picture = picture;
      this.height.fit(picture.size, this.direction, keep !== undefined);
      this.stage.show(picture, focusOf(picture), anchorOf(before, picture, keep));
      // Colours are those of a picture's boxes: none may be asked for with the numbers of another.
      const tints = this.tints;
      this.stage.recolour(tints);
      this.twin.show(picture, saying(tints));
      this.showFound();
      this.stage.emphasise({ kept: this.looking.boxes(picture) });
      // What was looked for is deeper in what was opened for it.
      this.select(this.selected, announce, keep !== undefined && keep !== this.selected);
      then?.();
    });
  }

  private select(key: string | undefined, announce: boolean, reveal = true): void {
    const { picture } = this;
    const box = picture?.indexOf(key) ?? -1;
    this.selected = box >= 0 ? key : undefined;
    this.memory.selected = this.selected;
    const told = this.panel.shown;
    if (picture && box >= 0) {
      if (!this.panel.shown) this.height.makeRoomForPanel();
      this.panel.show(toldOf(picture, box), this.trace.subject, this.trace.strips);
    } else this.panel.hide();
    this.stage.emphasise({ selected: box, partners: tiedTo(picture, box) });
    if (told !== this.panel.shown) this.stage.resized();
    this.twin.select(box, announce);
    this.said.hide();
    if (reveal) this.stage.reveal(box);
  }

  /** A box that the user points at: the other end of a path, if one is waited for, else the selection. */
  private choose(box: number): void {
    this.select(this.picture?.scene.boxes[box]?.key, true);
    if (this.looking.waits && this.selected !== undefined) this.looking.endPath();
  }

  /** Enter: the other end of a path that waits for one, else into what is selected. */
  private enter(box: number): void {
    const entered = this.picture?.scene.boxes[box];
    if (this.looking.waits) this.looking.endPath();
    else if (entered?.group) this.toggle(entered.key);
    else this.panel.element.focus();
  }

  private clicked(box: number, twice: boolean): void {
    const clicked = box < 0 ? undefined : this.picture?.scene.boxes[box];
    if (twice) {
      if (clicked?.group) this.toggle(clicked.key);
      return;
    }
    this.choose(box);
    this.twin.focus();
  }

  private hovered(box: number): void {
    const { picture } = this;
    if (!picture || box < 0) {
      this.stage.emphasise({ partners: tiedTo(picture, picture?.indexOf(this.selected) ?? -1) });
      return this.footer.point('');
    }
    const { subject } = this.trace;
    const { ways } = this.looking;
    this.stage.emphasise({ partners: partnersOf(picture, subject, this.model, ways, box) });
    this.footer.point(pointedWords(picture, subject, this.model, ways, box));
  }

  private toggle(key: string | undefined): void {
    if (!this.trace.isGroup(key)) return;
    this.trace.toggle(key);
    this.selected = key;
    this.remember();
    this.show(key, true);
  }

  /** All groups, or none when all are open already. */
  private openAll(): void {
    const { trace } = this;
    const all = !trace.allOpen;
    if (all) trace.openAll();
    else trace.closeAll();
    this.remember();
    // What is in the middle stays there, if nothing is selected; closed, there is little to look for.
    this.show(this.selected ?? (all ? this.stage.middle : undefined));
    this.twin.announce(all ? 'All groups are open' : 'All groups are closed');
  }

  private remember(): void {
    const { memory } = this;
    memory.direction = this.direction;
    memory.open = Object.fromEntries([...this.traces].map(([direction, { open }]) => [direction, [...open]]));
    Object.assign(memory, this.stage.marks);
    memory.overlay = this.overlay;
  }

  private turn(direction: Direction): void {
    if (direction === this.direction || !this.offered.has(direction)) return;
    this.busy.run(this.model.size, () => this.turnTo(direction));
  }

  /** Another direction, with what is selected or its partner. */
  private turnTo(direction: Direction): void {
    this.direction = direction;
    this.looking.forget();
    const partner = keyIn(this.trace.subject, this.selected, this.model);
    this.selected = partner;
    this.finder.again(this.trace.subject);
    this.remember();
    this.update();
    if (partner !== undefined) this.trace.openAround(partner);
    this.twin.announceNext(drawn(direction));
    this.show();
  }

  private mark(which: 'saved' | 'hooks'): void {
    this.stage.marks[which] = !this.stage.marks[which];
    this.remember();
    this.update();
    this.stage.invalidate();
    this.twin.announce(switched(which, this.stage.marks[which]));
  }

  private colour(name: string | undefined): void {
    this.overlay = name;
    this.remember();
    this.update();
    this.recolour();
    const { shownOverlay } = this;
    this.twin.announce(`Colour: ${shownOverlay?.label ?? 'family'}`);
  }

  private get tints(): Tints | undefined {
    const { picture, shownOverlay } = this;
    return picture && shownOverlay?.tints(picture, this.trace.subject);
  }

  private recolour(): void {
    const { tints } = this;
    this.stage.recolour(tints);
    this.twin.tell(saying(tints));
  }

  /** Esc: up from the selection to the group around it, to everything, and to the notebook. */
  private back(): boolean {
    const { picture, looking } = this;
    if (looking.waits) looking.end();
    else if (this.selected !== undefined || this.panel.shown) {
      const box = picture?.indexOf(this.selected) ?? -1;
      const parent = box >= 0 ? picture!.scene.boxes[box]!.parent : -1;
      this.select(parent >= 0 ? picture!.scene.boxes[parent]!.key : undefined, parent >= 0);
    } else if (looking.active) looking.end();
    else this.twin.element.blur();
    return true;
  }

  private showFound(): void {
    const { picture, finder } = this;
    this.header.find.show(finder.found, finder.place);
    if (picture) this.stage.emphasise({ found: finder.boxes(picture) });
  }

  private nextFinding(step: 1 | -1): void {
    const { picture, selected, twin } = this;
    const { subject } = this.trace;
    const { finding } = subject.vertices.columns;
    const found = [...finding.keys()].filter(at => finding[at]);
    if (!found.length) return this.said.show(noFindings(this.model));
    if (picture) this.land(nextOf(asRead(found, picture, twin.outline), step, selected, subject));
  }

  /** To what was searched for, which is also what a path leads to that waits for its other end. */
  private nextFound(step: 1 | -1): void {
    const { picture, selected, twin, finder, looking } = this;
    if (!picture || !finder.vertices.length) return;
    this.land(finder.next(step, selected, this.trace.subject, picture, twin.outline), () => {
      this.showFound();
      if (looking.waits) looking.endPath();
    });
  }

  /** Selects a vertex, opening the groups that hide it. */
  private land(vertex: number | undefined, landed?: () => void): void {
    if (vertex === undefined) return;
    const { vertices } = this.trace.subject;
    const key = vertices.key(vertex);
    const hidden = this.trace.openAround(key);
    if (!hidden.length) {
      this.select(key, true);
      return landed?.();
    }
    this.selected = key;
    this.remember();
    this.twin.announce(`${vertices.name(vertex)}, selected`);
    this.show(hidden[0], false, landed);
  }

  run(command: Command): void {
    const { stage, twin } = this;
    const commands: Record<Command, () => void> = {
      find: () => this.header.find.focus(),
      keys: () => this.panel.showKeys(),
      fit: () => twin.announce(fitted(stage.fit())),
      zoomIn: () => stage.zoomBy(1.25),
      zoomOut: () => stage.zoomBy(1 / 1.25),
      saved: () => this.mark('saved'),
      hooks: () => this.mark('hooks'),
      direction: () => {
        if (this.offered.size > 1) this.turn(after(this.direction, this.offered));
        else this.said.show(NO_OTHER);
      },
      nextFinding: () => this.nextFinding(1),
      previousFinding: () => this.nextFinding(-1),
      colour: () => {
        const { overlays, shownOverlay } = this;
        this.colour(overlays[shownOverlay ? overlays.indexOf(shownOverlay) + 1 : 0]?.name);
      },
      around: () => this.looking.at('around'),
      reaching: () => this.looking.at('reaching'),
      reached: () => this.looking.at('reached'),
      path: () => this.looking.at('path'),
      openAll: () => this.busy.run(this.model.size, () => this.openAll()),
      outline: () => {
        this.memory.outline = !this.memory.outline;
        if (this.memory.outline) this.height.makeRoomForOutline();
        twin.display(this.memory.outline);
        this.stage.resized();
        twin.announce(shownWords('Outline', this.memory.outline));
      },
      export: () => this.header.menu.open(),
      legend: () => {
        const shown = this.legend.toggle();
        this.footer.showLegend(shown);
        twin.announce(shownWords('Legend', shown));
      },
      whole: () =>
        void toggleWhole(this.element).catch(() => this.said.show('This page keeps the screen to itself.')),
    };
    commands[command]();
  }

  private menu(): MenuItem[] {
    const { hasGroups, allOpen } = this.trace;
    return menuOf({
      hasGroups,
      allOpen,
      outline: this.memory.outline ?? false,
      legend: !this.legend.element.hidden,
      whole: mayBeWhole() ? isWhole(this.element) : undefined,
      save: (format, extent) => void this.export(format, extent),
      run: command => this.run(command),
    });
  }

  private async export(format: Format, extent: Extent): Promise<void> {
    const { picture, stage } = this;
    if (!picture) return;
    const { palette, look } = stage;
    const exported = { picture, palette, look, ...captions(this.model, this.direction) };
    this.said.show(await save(exported, format, extent));
  }

  private close(): void {
    this.select(undefined, false);
    this.twin.focus();
  }
}
