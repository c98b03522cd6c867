import Ajv2020 from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { transformer } from '../../bench/graphs/index.js';
import { chain, golden, GOLDENS, network } from '../support/goldens.js';

const schema = JSON.parse(
  readFileSync(new URL('../../../widgets/schema/graph.schema.json', import.meta.url), 'utf8'),
);
const ajv = new Ajv2020({ strict: false, allErrors: true });
const validate = ajv.compile(schema);

describe('the contract', () => {
  it.each(GOLDENS)('is kept by the golden document %s', name => {
    expect(validate(golden(name)), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
  });

  it('is kept by the documents that other tests make', () => {
    expect(validate(chain(3)), JSON.stringify(validate.errors)).toBe(true);
    expect(validate(network(2)), JSON.stringify(validate.errors)).toBe(true);
    expect(validate(transformer(3000)), JSON.stringify(validate.errors)).toBe(true);
  });

  it('is closed', () => {
    expect(validate({ ...golden('small'), colour: 'red' })).toBe(false);
  });

  it('describes every member', () => {
    for (const [title, definition] of Object.entries<any>(schema.$defs)) {
      expect(definition.description, title).toBeTruthy();
      if (definition.type === 'object') expect(definition.additionalProperties, title).toBe(false);
    }
  });
});
