/** What a group says that it holds is the same whichever way one looks. */
import { describe, expect, it } from 'vitest';
import { membersIn } from '../../../widgets/src/groups/members.js';
import { summaryText } from '../../../widgets/src/groups/scene.js';
import type { Direction } from '../../../widgets/src/model/subject.js';
import { rnn, transformer } from '../../bench/graphs/index.js';
import { golden } from '../support/goldens.js';
import { shown } from '../support/picture.js';

/** Of each module's outermost group: what its summary says, by name. */
function told(document: unknown, direction: Direction): Map<string, string> {
  const { trace } = shown(document, direction);
  const members = membersIn(trace.tree);
  return new Map(
    members.groups
      .filter(group => group.kind === 'module' && group.parent === trace.tree)
      .map(group => [group.name, summaryText(members.summary(group, trace.subject), direction)]),
  );
}

const ops = (text: string): string | undefined => /[\d,]+ ops?/.exec(text)?.[0];

describe.each([
  ['a transformer', transformer(250)],
  ['a golden document', golden('engine_hooks')],
])('the groups of %s', (_, document) => {
  it('have as many ops in the trace as beside the graph: inputs are none', () => {
    const [forward, both] = [told(document, 'forward'), told(document, 'both')];
    const names = [...forward.keys()].filter(name => both.has(name));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      expect(ops(forward.get(name)!), name).toBeDefined();
      expect(ops(forward.get(name)!), name).toBe(ops(both.get(name)!));
    }
  });
});

describe('a loop that is too much for one picture with its first and last turn', () => {
  it('is one box with what its turns use in it, not turns under a crowd of leaves', () => {
    const { picture } = shown(rnn(1001), 'both');
    const { boxes } = picture.scene;
    expect(boxes.filter(({ group }) => group?.kind === 'ends')).toEqual([]);
    expect(boxes.filter(({ group }) => group?.kind === 'repeat').map(({ group }) => group!.times)).toContain(
      122,
    );
    expect(boxes.length).toBeLessThan(30);
  });

  it('keeps them in sight where there is room', () => {
    const { picture } = shown(rnn(1001), 'backward');
    expect(
      picture.scene.boxes.flatMap(({ group }) => (group?.kind === 'repeat' ? group.times : [])),
    ).toContain(120);
  });
});
