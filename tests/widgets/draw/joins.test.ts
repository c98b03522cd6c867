import { describe, expect, it } from 'vitest';
import { drawJoins } from '../../../widgets/src/draw/joins.js';
import { Pen } from '../../../widgets/src/draw/pen.js';
import { PALETTE, recordingContext } from '../support/canvas.js';
import { golden } from '../support/goldens.js';
import { shown } from '../support/picture.js';

describe('joins', () => {
  const { picture } = shown(golden('digits'));
  const drawn = (from: number, partners: number[]): string[] => {
    const { context, calls } = recordingContext();
    drawJoins(new Pen(context, PALETTE, 1), { x: 0, y: 0, zoom: 1 }, picture, from, new Set(partners));
    return calls;
  };

  it('are one arc for each partner of what is under the pointer', () => {
    expect(drawn(0, [1, 2, 3]).filter(call => call === 'bezierCurveTo')).toHaveLength(3);
    expect(drawn(-1, [1])).toEqual([]);
    expect(drawn(0, [])).toEqual([]);
  });

  it('are a straight line between an op and its node', () => {
    const both = shown(golden('digits'), 'both').picture;
    const [op, node] = [...both.scene.partners][0]!;
    const { context, calls } = recordingContext();
    drawJoins(new Pen(context, PALETTE, 1), { x: 0, y: 0, zoom: 1 }, both, node, new Set([op]));
    expect(calls.filter(call => call === 'lineTo')).toHaveLength(1);
    expect(calls).not.toContain('bezierCurveTo');
  });
});
