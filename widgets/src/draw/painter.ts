/** Paints what is in the window of a picture: frames, links, boxes, labels, in this order. Nothing outside it. */
import { visible } from '../document/text.js';
import { drawBox } from './boxes.js';
import { drawEdges, drawPorts, pointsOf, type EdgeStyle } from './edges.js';
import { Standing, type Emphasis } from './emphasis.js';
import type { Frame, Job, Marks } from './job.js';
import { drawJoins } from './joins.js';
import { drawLabels, type Label } from './labels.js';
import { Pen, type Surface } from './pen.js';
import type { Palette } from './palette.js';
import type { Picture } from './picture.js';
import type { Tints } from './tint.js';
import { drawTitle } from './titles.js';
import { detailOf, type Detail, type Rect, type Size, type Viewport } from './viewport.js';

export interface Look {
  view: Viewport;
  window: Size;
  marks: Marks;
  emphasis: Emphasis;
  tints?: Tints | undefined;
}

export function paint(context: Surface, palette: Palette, picture: Picture, look: Look): void {
  new Painting(new Pen(context, palette, look.view.zoom), picture, look).run();
}

/** What stands out, over a picture that is painted from far away. */
export function paintOutstanding(context: Surface, palette: Palette, picture: Picture, look: Look): void {
  new Painting(new Pen(context, palette, look.view.zoom), picture, look).outstanding();
}

/** The part of the picture that a look shows. */
export function windowOf({ view, window }: Look, margin = 0): Rect {
  return {
    left: view.x - margin,
    right: view.x + window.width / view.zoom + margin,
    top: view.y - margin,
    bottom: view.y + window.height / view.zoom + margin,
  };
}

type LinkKind = 'plain' | 'failing' | 'torn' | 'away';

/** Dashes of what gradients flow up on. */
const GRADIENT = [5, 3];

/** From far away, more than this outstanding is a colour, not an outline. */
const MOST_OUTLINED = 500;

/** Sheets, halos and hook marks reach over the box. */
const OVERHANG = 30;

class Painting {
  private readonly detail: Detail;
  private readonly standing: Standing;

  constructor(
    private readonly pen: Pen,
    private readonly picture: Picture,
    private readonly look: Look,
  ) {
    this.detail = detailOf(look.view.zoom);
    this.standing = new Standing(picture, look.emphasis);
  }

  run(): void {
    const { pen, look, picture } = this;
    const { context } = pen;
    context.textBaseline = 'alphabetic';
    context.fillStyle = pen.colour('paper');
    context.fillRect(0, 0, look.window.width, look.window.height);
    const boxes: number[] = [];
    const frames: number[] = [];
    picture.boxes.search(windowOf(look, OVERHANG), box => {
      (picture.contents[box]!.look === 'frame' ? frames : boxes).push(box);
    });
    for (const frame of frames) this.box(frame);
    this.links();
    for (const frame of frames) this.title(frame);
    for (const box of boxes) this.box(box);
    const { hovered, selected, partners } = look.emphasis;
    // An arc to an outline without a name would say nothing.
    const joined = new Set([...partners].filter(box => this.standing.of(box) !== 'away'));
    drawJoins(pen, look.view, picture, hovered >= 0 ? hovered : selected, joined);
    this.selection();
  }

  outstanding(): void {
    const { look, picture, standing } = this;
    this.chosen();
    const window = windowOf(look, OVERHANG);
    let left = MOST_OUTLINED;
    for (const box of standing.outstanding) {
      const { boxes } = picture;
      if (boxes.right[box]! < window.left || boxes.left[box]! > window.right) continue;
      if (boxes.bottom[box]! < window.top || boxes.top[box]! > window.bottom) continue;
      if (left-- <= 0) break;
      this.box(box, true);
    }
  }

  private onScreen(rect: Rect): Frame {
    const { view } = this.look;
    return {
      x: (rect.left - view.x) * view.zoom,
      y: (rect.top - view.y) * view.zoom,
      width: (rect.right - rect.left) * view.zoom,
      height: (rect.bottom - rect.top) * view.zoom,
    };
  }

  /** `over`: over a picture of it that is painted already. */
  private box(box: number, over = false): void {
    drawBox(this.job(box, over), this.detail);
    if (over && this.picture.contents[box]!.look === 'frame') this.title(box);
  }

  private title(frame: number): void {
    const { picture, look } = this;
    const { view } = look;
    const { top } = picture.rect(frame);
    const isFree = (part: Rect): boolean => {
      const [left, right] = [part.left / view.zoom + view.x, part.right / view.zoom + view.x];
      const window = {
        left,
        right,
        top: part.top / view.zoom + view.y,
        bottom: part.bottom / view.zoom + view.y,
      };
      let free = true;
      picture.boxes.search(window, box => {
        if (picture.contents[box]!.look !== 'frame' || picture.boxes.top[box]! > top) free = false;
      });
      return free;
    };
    drawTitle(this.job(frame), this.detail, isFree);
  }

  private job(box: number, over = false): Job {
    const { pen, picture, look, standing } = this;
    return {
      pen,
      content: picture.contents[box]!,
      box: this.onScreen(picture.rect(box)),
      state: standing.of(box),
      marks: look.marks,
      tint: look.tints?.(box),
      found: look.emphasis.found.get(box) ?? 0,
      room: look.window.width,
      over,
    };
  }

  private linkKind(link: number): LinkKind {
    const { scene, contents } = this.picture;
    const { from, to, count } = scene.links[link]!;
    if (this.standing.isAway(link)) return 'away';
    if (count === 0) return 'torn';
    return [from, to].some(end => contents[end]!.look === 'failed') ? 'failing' : 'plain';
  }

  /**
   * Those along which gradients flow up have their arrowheads at the other end, and are dashed: values flow beside them.
   */
  private drawLinks(links: number[], style: EdgeStyle): void {
    const { picture } = this;
    for (const up of [false, true]) {
      const some = links.filter(link => picture.scene.links[link]!.up === up);
      drawEdges(
        this.pen,
        this.look.view,
        some.map(link => picture.route(link)),
        up ? { ...style, dash: style.dash ?? GRADIENT, up } : style,
        this.detail,
      );
    }
  }

  private links(): void {
    const { pen, picture, look, standing } = this;
    const kinds: Record<LinkKind, number[]> = { plain: [], failing: [], torn: [], away: [] };
    picture.links.search(windowOf(look, 10), link => {
      if (!standing.active.has(link)) kinds[this.linkKind(link)].push(link);
    });
    const edge = pen.colour('edge');
    this.drawLinks(kinds.away, { colour: pen.colour('line'), width: 1 });
    this.drawLinks(kinds.torn, { colour: edge, width: 1.25, dash: [2, 3], bare: true });
    const isUp = (link: number): boolean => picture.scene.links[link]!.up;
    this.drawLinks(
      kinds.plain.filter(link => !isUp(link)),
      { colour: edge, width: 1.25 },
    );
    this.drawLinks(kinds.plain.filter(isUp), { colour: pen.colour('ink-2'), width: 1.25 });
    this.drawLinks(kinds.failing, { colour: pen.colour('error'), width: 1.25, dash: [4, 3] });
    this.chosen();
  }

  /** Links of what is selected or under the pointer. */
  private chosen(): void {
    const { pen, standing } = this;
    const select = pen.colour('select');
    const active = [...standing.active].slice(0, MOST_OUTLINED);
    const some = (torn: boolean): number[] =>
      active.filter(link => (this.linkKind(link) === 'torn') === torn);
    this.drawLinks(some(true), { colour: select, width: 1.75, dash: [2, 3], bare: true });
    this.drawLinks(some(false), { colour: select, width: 1.75 });
  }

  /** Ports and labels of what is selected, over everything. */
  private selection(): void {
    const { pen, picture, look } = this;
    if (this.detail !== 'full') return;
    const { selected, hovered } = look.emphasis;
    const box = selected >= 0 ? selected : hovered;
    if (box < 0) return;
    const leaving = [...picture.leaving(box)];
    if (selected >= 0 && picture.contents[box]!.look !== 'frame') {
      drawPorts(
        pen,
        look.view,
        leaving.filter(i => !picture.scene.links[i]!.up).map(i => picture.route(i)),
        pen.colour('select'),
      );
    }
    const around = [...picture.entering(box), ...leaving]
      // A link that steps back is not to be read.
      .filter(i => this.standing.active.has(i))
      .slice(0, MOST_LABELS);
    // Its partner's run beside them.
    const beside = picture.scene.partners.get(box) ?? -1;
    const near = beside < 0 ? [] : [...picture.entering(beside), ...picture.leaving(beside)];
    const lines = [...around, ...near.slice(0, MOST_LABELS)].flatMap(i =>
      pointsOf(picture.route(i), look.view).map(([x, y]) => ({
        left: x - 3,
        right: x + 3,
        top: y - 2,
        bottom: y + 2,
      })),
    );
    drawLabels(
      pen,
      look.view,
      around.map(i => this.label(i)),
      [...this.obstacles(), ...lines],
    );
  }

  private label(i: number): Label {
    const { pen, picture } = this;
    const link = picture.scene.links[i]!;
    const inside = picture.scene.boxes[link.to]!.parent >= 0 || picture.scene.boxes[link.from]!.parent >= 0;
    return {
      route: picture.route(i),
      name: visible(link.name),
      shape: link.count > 1 && !link.shape ? `${link.count} edges` : link.shape,
      ground: pen.colour(inside ? 'group' : 'paper'),
    };
  }

  /** What a label must not stand on. */
  private obstacles(): Rect[] {
    const { picture, look } = this;
    const found: Rect[] = [];
    picture.boxes.search(windowOf(look), other => {
      const { x, y, width, height } = this.onScreen(picture.rect(other));
      const { look: kind, lead, trail } = picture.contents[other]!;
      if (kind !== 'frame') return void found.push({ left: x, right: x + width, top: y, bottom: y + height });
      // Where the title stands: on the page.
      const [start, end, bottom] = [Math.max(x, 0), Math.min(x + width, look.window.width), y + 24];
      const [left, right] = [start + lead - 12, end - trail + 12];
      found.push({ left: start, right: left, top: y, bottom }, { left: right, right: end, top: y, bottom });
    });
    return found;
  }
}

/** More labels than this around one box would be a text, not a picture. */
const MOST_LABELS = 12;
