/** Partners side by side, however the groups around them stand. */
import { describe, expect, it } from 'vitest';
import type { Picture } from '../../../widgets/src/draw/picture.js';
import type { LayoutInput } from '../../../widgets/src/layout/types.js';
import { rnn, transformer, unet } from '../../bench/graphs/networks.js';
import { randomDag } from '../../bench/graphs/shapes.js';
import { GOLDENS, golden, type Loose } from '../support/goldens.js';
import { pictureOf, shown } from '../support/picture.js';
import { program } from '../support/programs.js';
import { faults } from '../layout/support.js';

const DOCUMENTS: [string, () => Loose][] = [
  ...GOLDENS.map((name): [string, () => Loose] => [name, () => golden(name)]),
  ...Array.from({ length: 12 }, (_, i): [string, () => Loose] => [`program ${i}`, () => program(i + 1, 4 + 4 * i)]),
  ['transformer', () => transformer(120)],
  ['U-Net', () => unet(3)],
  ['random graph', () => randomDag(60, 8)],
]; // prettier-ignore

/** What was laid out, as if partners were boxes of their own. */
function asGiven({ scene, contents, layout }: Picture): LayoutInput {
  return {
    width: Array.from(layout.width),
    height: Array.from(layout.height),
    frame: scene.boxes.map(box => box.open),
    lead: contents.map(content => content.lead),
    trail: contents.map(content => content.trail),
    parent: scene.boxes.map(box => box.parent),
    links: scene.links,
  };
}

function check(picture: Picture): void {
  const { scene, layout } = picture;
  expect(faults(asGiven(picture), layout)).toEqual([]);
  for (const [box, partner] of scene.partners) {
    expect(scene.partners.get(partner)).toBe(box);
    expect(scene.boxes[box]!.parent).toBe(scene.boxes[partner]!.parent);
    expect(layout.y[box]).toBe(layout.y[partner]);
    const [left, right] = [Math.min(box, partner), Math.max(box, partner)];
    expect(scene.boxes[left]!.vertex!.ref!.table).toBe('ops');
    expect(scene.boxes[right]!.vertex!.ref!.table).toBe('nodes');
    expect(picture.rect(right).left - picture.rect(left).right).toBeCloseTo(12, 6);
  }
}

describe.each(DOCUMENTS)('both sides of %s', (_, document) => {
  const { trace, picture } = shown(document(), 'both');

  it('have partners beside one another, and overlap nowhere', () => check(picture));

  it('have them so with all groups open, and with none', () => {
    trace.openAll();
    const all = pictureOf(trace);
    check(all);
    const { partner } = trace.subject.sides!;
    expect(all.scene.partners.size).toBe(partner.filter(other => other >= 0).length);
    trace.closeAll();
    check(pictureOf(trace));
  });

  it('have one line for each side between a box and a closed group', () => {
    trace.closeAll();
    const { scene } = pictureOf(trace);
    const known = new Set<string>();
    for (const { from, to, up } of scene.links) {
      if (!scene.boxes[from]!.group || !scene.boxes[to]!.group) continue;
      expect(known.has(`${from} ${to} ${up}`)).toBe(false);
      known.add(`${from} ${to} ${up}`);
    }
  });
});

describe('rails', () => {
  it('run straight through a chain, however wide its boxes are', () => {
    const { picture } = shown(golden('columnar'), 'both');
    const { scene, layout } = picture;
    const ends = (up: boolean): number[] =>
      scene.links.flatMap((link, i) => {
        const pair = scene.partners.has(link.from) && scene.partners.has(link.to);
        const route = picture.route(i);
        return pair && link.up === up ? [route[route.length - 3]! - route[0]!] : [];
      });
    for (const up of [false, true]) {
      expect(ends(up).length).toBeGreaterThan(1);
      for (const off of ends(up)) expect(off).toBeCloseTo(0, 6);
    }
    expect(new Set(layout.width).size).toBeGreaterThan(3);
  });

  it('run straight past other ranks too, where nothing stands in their way', () => {
    let straight = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const { picture } = shown(program(seed, 4 * seed), 'both');
      picture.scene.links.forEach((link, i) => {
        const route = picture.route(i);
        const passes = route.subarray(3, -3).some((_, k, part) => k % 3 === 2 && part[k]! - part[k - 1]! > 1);
        const at = new Set(
          Array.from(route)
            .filter((_, k) => k % 3 === 0)
            .map(Math.round),
        );
        if (passes && at.size === 1 && link.up) straight++;
      });
    }
    expect(straight).toBeGreaterThan(0);
  });
});

describe('the rails between two boxes', () => {
  it.each([
    ['transformer', () => transformer(60)],
    ['U-Net', () => unet(4)],
    ['random graph', () => randomDag(60, 12)],
  ] as [string, () => Loose][])('of a %s run beside one another, values on the left', (_, document) => {
    const { trace } = shown(document(), 'both');
    trace.openAll();
    const picture = pictureOf(trace);
    const { links, partners } = picture.scene;
    let passing = 0;
    links.forEach((down, i) => {
      const other = links.findIndex(
        up => up.up && up.from === partners.get(down.from) && up.to === partners.get(down.to),
      );
      if (down.up || other < 0) return;
      const [left, right] = [picture.route(i), picture.route(other)];
      expect(right.length).toBe(left.length);
      for (let k = 3; k < left.length - 3; k += 3) {
        const runsDown = left[k + 2]! >= left[k + 1]! - 11 && right[k + 2]! >= right[k + 1]! - 11;
        const off = (right[k]! - left[k]!) * (runsDown ? 1 : -1);
        expect(off).toBeGreaterThan(9.9);
        passing++;
      }
    });
    expect(passing).toBeGreaterThan(5);
  });
});

describe('the first picture', () => {
  it.each([
    ['transformer', () => transformer(10_000)],
    ['RNN', () => rnn(1001)],
    ['random graph', () => randomDag(3000, 12)],
    ['loop', () => golden('columnar')],
  ] as [string, () => Loose][])('of both sides of a large %s has at most 60 boxes', (_, document) => {
    const { picture } = shown(document(), 'both');
    expect(picture.scene.boxes.length).toBeLessThanOrEqual(60);
    check(picture);
  });
});
