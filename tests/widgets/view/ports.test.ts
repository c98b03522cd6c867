// @vitest-environment jsdom
/** Ports of what many lead to: each has a page in the panel, its own or that of the group it is in. */
import { describe, expect, it } from 'vitest';
import { toldOf } from '../../../widgets/src/view/partners.js';
import { hub } from '../../bench/graphs/index.js';
import { shown } from '../support/picture.js';
import { cells, spoken } from '../../../widgets/src/view/words.js';
import { rows, show } from '../support/shown.js';

describe('a port', () => {
  it('of a node in a closed group is called by its name, and has its page', () => {
    const { picture } = shown(hub(60));
    const [[port, of]] = [...picture.scene.standsFor] as [[number, number]];
    expect(picture.scene.boxes[of]!.group).toBeDefined();
    const { name } = picture.scene.boxes[port]!.vertex!;
    const element = show(hub(60));
    const ports = rows(element).filter(row => row.dataset.key!.includes('@'));
    expect(ports.length).toBeGreaterThan(4);
    ports[0]!.click();
    expect(element.querySelector('.ts-panel h3')!.textContent).toContain(name);
  });

  it('of several in a closed group has the page of the group', () => {
    const { picture } = shown(hub(60));
    const [[port, of]] = [...picture.scene.standsFor] as [[number, number]];
    expect(toldOf(picture, port)).toBe(picture.scene.boxes[port]);
    picture.scene.boxes[port]!.vertex!.ref = undefined;
    expect(toldOf(picture, port)).toBe(picture.scene.boxes[of]);
  });

  it('is spoken of as one, with what it stands for and where that is', () => {
    const { picture } = shown(hub(60));
    const [port] = [...picture.scene.standsFor.keys()] as [number];
    const vertex = picture.scene.boxes[port]!.vertex!;
    vertex.module = 'layers.3';
    expect(cells(picture, port).slice(0, 2)).toEqual(['port of ExpBackward0 in layers.3', vertex.note]);
    expect(vertex.note).toMatch(/^use \d+ of \d+$/);
    expect(spoken(picture, port)).toBe(`port of ExpBackward0 in layers.3, ${vertex.note}, ${vertex.shape}`);
  });
});
