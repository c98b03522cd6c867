import { describe, expect, it } from 'vitest';
import { contentsOf } from '../../../widgets/src/draw/content.js';
import { hub } from '../../bench/graphs/index.js';
import { chain, golden } from '../support/goldens.js';
import { measure, shown } from '../support/picture.js';

describe('what boxes say', () => {
  it('is one object for all that say the same', () => {
    const { picture } = shown(chain(40));
    const contents = contentsOf(picture.scene, measure);
    expect(new Set(contents).size).toBeLessThan(8);
    picture.scene.boxes.forEach((box, i) => {
      if (box.vertex) expect(box.vertex.name.startsWith(contents[i]!.name)).toBe(true);
    });
  });

  it('differs where anything that is drawn differs', () => {
    const document = golden('small');
    const before = shown(document).picture.contents.length;
    expect(new Set(shown(document).picture.contents).size).toBe(before);
  });

  it('is no longer than can be read, however long the name', () => {
    const document = golden('small');
    document.tensors[1].name = 'x'.repeat(1_000);
    const { picture } = shown(document);
    for (const content of picture.contents) expect(content.name.length).toBeLessThanOrEqual(40);
  });

  it('tells two tensors of a module apart, however long its path', () => {
    const document = golden('small');
    const module = 'm.2.the_projection_of_the_hidden_state_onto_the_vocabulary';
    document.tensors[1].name = `${module}.weight`;
    const names = shown(document).picture.contents.map(({ name }) => name);
    expect(names.some(name => name.endsWith('….weight'))).toBe(true);
  });

  it('of a port is what it stands for, where that is and which use this is', () => {
    const { picture } = shown(hub(60));
    const [port] = [...picture.scene.standsFor.keys()] as [number];
    const box = picture.scene.boxes[port]!;
    const of = (module?: string): unknown =>
      contentsOf({ ...picture.scene, boxes: [{ ...box, vertex: { ...box.vertex!, module } }] }, measure)[0];
    expect(of()).toMatchObject({ look: 'port', name: 'Exp', suffix: 'Backward0', note: box.vertex!.note });
    expect(of('layers.3')).toMatchObject({ note: `layers.3 · ${box.vertex!.note}` });
  });
});
