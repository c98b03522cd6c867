/** Paints what is in the window of a picture: frames, links, boxes, labels, in this order. Nothing outside it. */
import { visible } from '../document/text.js';
import { drawBox, type Marks, type State } from './boxes.js';
import { drawEdges, drawPorts, pointsOf, type EdgeStyle } from './edges.js';
import { drawLabels, type Label } from './labels.js';
import type { Palette } from './palette.js';
import { Pen } from './pen.js';
import type { Picture } from './picture.js';
import { detailOf, type Detail, type Rect, type Size, type Viewport } from './viewport.js';

export interface Look {
  view: Viewport;
  window: Size;
  selected: number;
  hovered: number;
  marks: Marks;
  /** Boxes that a search found. */
  found: ReadonlySet<number>;
}

export function paint(
  context: CanvasRenderingContext2D,
  palette: Palette,
  picture: Picture,
  look: Look,
): void {
  new Painting(new Pen(context, palette, look.view.zoom), picture, look).run();
}

type LinkKind = 'plain' | 'failing' | 'torn';

class Painting {
  private readonly detail: Detail;
  private readonly active: number[];
  private readonly states: Map<number, State>;

  constructor(
    private readonly pen: Pen,
    private readonly picture: Picture,
    private readonly look: Look,
  ) {
    this.detail = detailOf(look.view.zoom);
    const { selected, hovered } = look;
    const at = (box: number): number[] =>
      box < 0 ? [] : [...picture.leaving[box]!, ...picture.entering[box]!];
    this.active = [...new Set([...at(selected), ...at(hovered)])];
    this.states = new Map();
    for (const i of at(selected)) {
      const link = picture.scene.links[i]!;
      this.states.set(link.from, 'near').set(link.to, 'near');
    }
    for (const box of look.found) this.states.set(box, 'near');
    if (hovered >= 0) this.states.set(hovered, 'near');
    if (selected >= 0) this.states.set(selected, 'selected');
  }

  run(): void {
    const { pen, look, picture } = this;
    const { context } = pen;
    context.textBaseline = 'alphabetic';
    context.fillStyle = pen.colour('paper');
    context.fillRect(0, 0, look.window.width, look.window.height);
    const visibleBoxes = picture.scene.boxes.flatMap((_, box) =>
      this.inWindow(picture.rect(box), 30) ? [box] : [],
    );
    for (const box of visibleBoxes) if (picture.contents[box]!.look === 'frame') this.box(box);
    this.links();
    for (const box of visibleBoxes) if (picture.contents[box]!.look !== 'frame') this.box(box);
    this.selection();
  }

  private inWindow(rect: Rect, margin: number): boolean {
    const { view, window } = this.look;
    return (
      rect.right >= view.x - margin &&
      rect.left <= view.x + window.width / view.zoom + margin &&
      rect.bottom >= view.y - margin &&
      rect.top <= view.y + window.height / view.zoom + margin
    );
  }

  private state(box: number): State {
    return this.states.get(box) ?? (this.look.selected >= 0 || this.look.found.size ? 'dim' : 'plain');
  }

  private onScreen(rect: Rect): { x: number; y: number; width: number; height: number } {
    const { view } = this.look;
    return {
      x: (rect.left - view.x) * view.zoom,
      y: (rect.top - view.y) * view.zoom,
      width: (rect.right - rect.left) * view.zoom,
      height: (rect.bottom - rect.top) * view.zoom,
    };
  }

  private box(box: number): void {
    const content = this.picture.contents[box]!;
    drawBox(
      this.pen,
      content,
      this.onScreen(this.picture.rect(box)),
      this.state(box),
      this.look.marks,
      this.detail,
    );
  }

  private linkKind(i: number): LinkKind {
    const { scene, contents } = this.picture;
    const { from, count } = scene.links[i]!;
    if (count === 0) return 'torn';
    return contents[from]!.look === 'failed' ? 'failing' : 'plain';
  }

  private links(): void {
    const { pen, picture, look } = this;
    const active = new Set(this.active);
    const kinds: Record<LinkKind, Float64Array[]> = { plain: [], failing: [], torn: [] };
    picture.layout.routes.forEach((route, i) => {
      if (!active.has(i) && this.inWindow(bounds(route), 10)) kinds[this.linkKind(i)].push(route);
    });
    const draw = (routes: Float64Array[], style: EdgeStyle): void =>
      drawEdges(pen, look.view, routes, style, this.detail);
    const [edge, select] = [pen.colour('edge'), pen.colour('select')];
    draw(kinds.torn, { colour: edge, width: 1.25, dash: [2, 3], bare: true });
    draw(kinds.plain, { colour: edge, width: 1.25 });
    draw(kinds.failing, { colour: pen.colour('error'), width: 1.25, dash: [4, 3] });
    const chosen = (torn: boolean): Float64Array[] =>
      this.active.filter(i => (this.linkKind(i) === 'torn') === torn).map(i => picture.layout.routes[i]!);
    draw(chosen(true), { colour: select, width: 1.75, dash: [2, 3], bare: true });
    draw(chosen(false), { colour: select, width: 1.75 });
  }

  /** Ports and labels of what is selected, over everything. */
  private selection(): void {
    const { pen, picture, look } = this;
    if (this.detail !== 'full') return;
    const box = look.selected >= 0 ? look.selected : look.hovered;
    if (box < 0) return;
    const leaving = picture.leaving[box]!;
    if (look.selected >= 0 && picture.contents[box]!.look !== 'frame') {
      drawPorts(
        pen,
        look.view,
        leaving.map(i => picture.layout.routes[i]!),
        pen.colour('select'),
      );
    }
    const labels = [...picture.entering[box]!, ...leaving].map((i): Label => {
      const link = picture.scene.links[i]!;
      const inside = picture.scene.boxes[link.to]!.parent >= 0 || picture.scene.boxes[link.from]!.parent >= 0;
      return {
        route: picture.layout.routes[i]!,
        name: visible(link.name),
        shape: link.count > 1 && !link.shape ? `${link.count} edges` : link.shape,
        ground: pen.colour(inside ? 'group' : 'paper'),
      };
    });
    const lines = [...picture.entering[box]!, ...leaving].slice(0, MOST_LABELS).flatMap(i =>
      pointsOf(picture.layout.routes[i]!, look.view).map(([x, y]) => ({
        left: x - 3,
        right: x + 3,
        top: y - 2,
        bottom: y + 2,
      })),
    );
    const obstacles = picture.scene.boxes.flatMap((_, other) => {
      if (!this.inWindow(picture.rect(other), 0)) return [];
      const { x, y, width, height } = this.onScreen(picture.rect(other));
      const { look: kind, lead, trail } = picture.contents[other]!;
      if (kind !== 'frame') return [{ left: x, right: x + width, top: y, bottom: y + height }];
      const [left, right, bottom] = [x + lead - 12, x + width - trail + 12, y + 24];
      return [
        { left: x, right: left, top: y, bottom },
        { left: right, right: x + width, top: y, bottom },
      ];
    });
    drawLabels(pen, look.view, labels.slice(0, MOST_LABELS), [...obstacles, ...lines]);
  }
}

/** More labels than this around one box would be a text, not a picture. */
const MOST_LABELS = 12;

function bounds(route: Float64Array): Rect {
  let left = Infinity;
  let right = -Infinity;
  for (let i = 0; i < route.length; i += 3) {
    left = Math.min(left, route[i]!);
    right = Math.max(right, route[i]!);
  }
  return { left, right, top: route[1]!, bottom: route[route.length - 1]! };
}
