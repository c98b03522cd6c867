import { describe, expect, it } from 'vitest';
import { overlaysOf } from '../../../../widgets/src/view/overlays/overlay.js';
import { golden, network } from '../../support/goldens.js';
import { pictureOf, shown } from '../../support/picture.js';

describe('overlays', () => {
  const { trace, model, picture } = shown(golden('digits'));
  const overlays = overlaysOf(model, trace.subject);

  it('are what the document brings, and the bytes saved', () => {
    expect(overlays.map(({ label }) => label)).toEqual(['Gradient norm', 'Time', 'Bytes saved']);
  });

  it('colour a node by its number, and write it', () => {
    const tints = overlays[0]!.tints(picture, trace.subject);
    expect(tints(picture.indexOf('n5496'))).toEqual({ fill: 'n5', text: '1.00' });
    expect(tints(picture.indexOf('n5495'))!.text).toBe('0.125');
  });

  it('say None where there is no number, and nothing of outputs', () => {
    trace.openAll();
    const all = pictureOf(trace);
    const tints = overlays[1]!.tints(all, trace.subject);
    expect(tints(all.indexOf('n7'))).toEqual({ fill: 'none', text: 'None' });
    const output = all.scene.boxes.findIndex(box => box.vertex?.kind === 'output');
    expect(tints(output)).toBeUndefined();
  });

  it('add up what a group holds, or say between what it lies', () => {
    trace.closeAll();
    const closed = pictureOf(trace);
    const group = closed.scene.boxes.findIndex(box => box.group?.name === 'turn 500 of 500');
    expect(overlays[1]!.tints(closed, trace.subject)(group)!.text).toBe('164 µs');
    expect(overlays[0]!.tints(closed, trace.subject)(group)).toEqual({
      fill: 'plain',
      text: '9.2e−4 … 1.00',
    });
  });

  it('show NaN as what it is', () => {
    const document = golden('digits');
    document.overlays[1].values[0].value = 'NaN';
    const other = shown(document);
    const [norm] = overlaysOf(other.model, other.trace.subject);
    expect(norm!.tints(other.picture, other.trace.subject)(other.picture.indexOf('n5496'))).toEqual({
      fill: 'bad',
      text: 'NaN',
    });
  });

  it('give a repetition a cell a turn', () => {
    const document = network(30);
    document.overlays = [
      {
        name: 'grad_norm',
        on: 'nodes',
        unit: '1',
        values: document.nodes.map(({ id }: { id: number }) => ({ id, value: 1 / id })),
      },
    ];
    const other = shown(document);
    other.trace.closeAll();
    const closed = pictureOf(other.trace);
    const repeat = closed.scene.boxes.findIndex(box => box.group?.kind === 'repeat');
    const [norm] = overlaysOf(other.model, other.trace.subject);
    expect(norm!.tints(closed, other.trace.subject)(repeat)!.strip).toHaveLength(24);
  });

  it('are read from columns too', () => {
    const columns = shown(golden('columnar'));
    expect(overlaysOf(columns.model, columns.trace.subject).length).toBeGreaterThan(0);
  });
});
