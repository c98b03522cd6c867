import { describe, expect, it } from 'vitest';
import { facts, leftOut, savedBytes } from '../../../widgets/src/model/facts.js';
import { GraphModel } from '../../../widgets/src/model/model.js';
import { family, splitName } from '../../../widgets/src/model/names.js';
import { parse } from '../../../widgets/src/document/parse.js';
import { golden, model, type Loose } from '../support/goldens.js';

const made = (document: Loose): GraphModel => new GraphModel(parse(document).document);

describe('names', () => {
  it('splits the op from its suffix', () => {
    expect(splitName('AddmmBackward0')).toEqual(['Addmm', 'Backward0']);
    expect(splitName('AccumulateGrad')).toEqual(['AccumulateGrad', '']);
  });

  it.each([
    ['AddmmBackward0', 'product'], ['addmm', 'product'], ['ConvolutionBackward0', 'product'], ['ReluBackward0', 'pointwise'],
    ['add_', 'pointwise'], ['SumBackward1', 'reduce'], ['log_softmax', 'reduce'], ['NllLossBackward0', 'reduce'],
    ['TBackward0', 'view'], ['ExpandBackward0', 'view'], ['IndexBackward0', 'index'], ['CopySlices', 'index'],
    ['MaximumBackward0', 'pointwise'], ['MyFunctionBackward', 'custom'], ['MyFunction', 'custom'],
  ])('%s is of the family %s', (name, expected) => expect(family(name)).toBe(expected)); // prettier-ignore
});

describe('joins', () => {
  it('a node has from its op what it lacks itself', () => {
    const digits = model('digits');
    const node = digits.nodes.get(5)!;
    expect(node.site).toBeUndefined();
    expect(digits.module(node)!.path).toBe('model.2');
    expect(digits.repeat(node)).toEqual({ id: 1, turn: 0 });
    expect(digits.place(digits.site(node))!.where).toBe('cell 5, line 3');
  });

  it('gives the text of the line', () => {
    const small = model('small');
    expect(small.place(2)).toMatchObject({
      where: 'cell 1, line 2',
      text: 'y = (x * x).sum()',
    });
    expect(small.place(undefined)).toBeUndefined();
  });

  it('puts a hook where it fires: of a tensor at its grad_fn, of a leaf at its AccumulateGrad', () => {
    const document = golden('small');
    document.hooks = [
      { id: 1, kind: 'post', name: 'second', node: 3, order: 1 },
      { id: 2, kind: 'tensor_pre', name: 'first', tensor: 2, order: 0 },
      { id: 3, kind: 'post_accumulate_grad', name: 'leaf', tensor: 1 },
    ];
    const small = made(document);
    expect(small.hooksOf(3).map(hook => hook.name)).toEqual(['first', 'second']);
    expect(small.hooksOf(1).map(hook => hook.name)).toEqual(['leaf']);
    expect(small.hooksOf(2)).toEqual([]);
  });

  it('names an input only where the document is certain', () => {
    const exception = model('exception');
    const [toRelu] = exception.out.get(3)!;
    expect(exception.inputName(toRelu!)).toBeUndefined();
    const [toLeaf] = exception.out.get(2)!;
    expect(exception.inputName(toLeaf!)).toBe('w1');
  });
});

describe('facts', () => {
  it('say what the document is about', () => {
    expect(facts(model('small')).subject).toBe('cell 1');
    expect(facts(model('small')).items).toEqual(['3 nodes', '12 B freed']);
    expect(facts(model('columnar')).subject).toBe('y');
  });

  it('count shared memory once', () => {
    expect(savedBytes(model('inplace'))).toEqual({ alive: 12, all: 12 });
  });

  it('say both numbers of what was left out', () => {
    expect(facts(model('digits')).items[0]).toBe('22 of 5,500 nodes');
    expect(leftOut(model('digits')).join()).toContain('5,478 of 5,500 nodes');
    expect(leftOut(model('small'))).toEqual([]);
  });

  it('name the worst first', () => {
    expect(facts(model('inplace')).problem).toMatchObject({
      severity: 'error',
      text: 'saved variable modified',
    });
    expect(facts(model('exception')).problem).toMatchObject({
      text: 'RuntimeError, line 2',
    });
    expect(facts(model('small')).problem).toBeUndefined();
  });
});
