/**
 * Checks a value against the bare schema, as a tolerant reader does: members and values of open enums that the
 * schema does not know are let through, everything that it knows has to be as it says.
 */
import { SCHEMA } from '../generated/schema.js';

/** The document breaks a rule of the format. The message names the place and the rule. */
export class DocumentError extends Error {
  override name = 'DocumentError';
}

interface Schema {
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  'x-open'?: string;
  oneOf?: Schema[];
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  maxLength?: number;
  $defs?: Record<string, Schema>;
}

const ROOT = SCHEMA as Schema;
const patterns = new Map<string, RegExp>();

export function definition(name: string): Schema {
  return ROOT.$defs![name]!;
}

/** The schema of the document's member `name`, or undefined for one that this minor does not know. */
export function memberSchema(name: string): Schema | undefined {
  return ROOT.properties![name] && resolve(ROOT.properties![name]);
}

export function resolve(schema: Schema): Schema {
  let found = schema;
  while (found.$ref) found = definition(found.$ref.slice('#/$defs/'.length));
  return found;
}

/** The schema of a table's row, or undefined where `schema` is not that of a table. */
export function rowSchema(schema: Schema): Schema | undefined {
  const [list, columns] = schema.oneOf ?? [];
  if (!list || list.type !== 'array' || columns?.$ref !== '#/$defs/Columns') return undefined;
  return resolve(list.items!);
}

function fail(where: string, rule: string): never {
  throw new DocumentError(`${where} ${rule}.`);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `${JSON.stringify(value)}`.slice(0, 60);
}

function checkType(value: unknown, type: string, where: string): void {
  const holds: Record<string, boolean> = {
    object: typeof value === 'object' && value !== null && !Array.isArray(value),
    array: Array.isArray(value),
    string: typeof value === 'string',
    boolean: typeof value === 'boolean',
    integer: Number.isSafeInteger(value),
    number: typeof value === 'number' && Number.isFinite(value),
    null: value === null,
  };
  if (!holds[type]) fail(where, `has to be of type ${type}, not ${describe(value)}`);
}

function checkObject(value: Record<string, unknown>, schema: Schema, where: string): void {
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) fail(where, `lacks the member "${name}"`);
  }
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    if (Object.hasOwn(value, name)) check(value[name], member, `${where}.${name}`);
  }
}

function checkString(value: string, schema: Schema, where: string): void {
  if (schema.maxLength !== undefined && value.length > schema.maxLength) {
    fail(where, `is longer than ${schema.maxLength} characters`);
  }
  if (schema.pattern !== undefined) {
    let pattern = patterns.get(schema.pattern);
    if (!pattern) patterns.set(schema.pattern, (pattern = new RegExp(schema.pattern, 'u')));
    if (!pattern.test(value)) fail(where, `has to match ${schema.pattern}, and ${describe(value)} does not`);
  }
}

function checkNumber(value: number, schema: Schema, where: string): void {
  if (schema.minimum !== undefined && value < schema.minimum)
    fail(where, `has to be at least ${schema.minimum}`);
  if (schema.maximum !== undefined && value > schema.maximum)
    fail(where, `has to be at most ${schema.maximum}`);
}

/** Checks each of some values, of which there may be very many: most are texts that are short enough. */
export function checkAll(values: unknown[], given: Schema, where: string): void {
  const schema = resolve(given);
  const plain =
    schema.type === 'string' && !schema.enum && !('const' in schema) && schema.pattern === undefined;
  const longest = schema.maxLength ?? Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(plain && typeof value === 'string' && value.length <= longest)) check(value, schema, where);
  }
}

/** Throws a DocumentError that names the first rule broken. Nesting is that of the schema, so recursion is bounded. */
export function check(value: unknown, given: Schema, where: string): void {
  const schema = resolve(given);
  // Most of a document is integers and texts: they take the short way.
  if (schema.type === 'integer' && Number.isSafeInteger(value))
    return checkNumber(value as number, schema, where);
  if (schema.type === 'string' && typeof value === 'string' && !schema.enum && !('const' in schema))
    return checkString(value, schema, where);
  if (schema.oneOf) {
    const errors: string[] = [];
    for (const choice of schema.oneOf) {
      try {
        return check(value, choice, where);
      } catch (error) {
        errors.push((error as Error).message);
      }
    }
    throw new DocumentError(nearest(errors, where));
  }
  if ('const' in schema && value !== schema.const) fail(where, `has to be ${JSON.stringify(schema.const)}`);
  if (schema.enum) {
    if (schema['x-open'] && typeof value === 'string') return;
    if (!schema.enum.includes(value))
      fail(where, `has to be one of ${schema.enum.join(', ')}, not ${describe(value)}`);
    return;
  }
  if (schema.type) checkType(value, schema.type, where);
  if (typeof value === 'string') return checkString(value, schema, where);
  if (typeof value === 'number') return checkNumber(value, schema, where);
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) fail(where, `has to hold at least ${schema.minItems}`);
    if (value.length > (schema.maxItems ?? Infinity)) fail(where, `may hold at most ${schema.maxItems}`);
    if (schema.items) value.forEach((item, i) => check(item, schema.items!, `${where}[${i}]`));
  } else if (typeof value === 'object' && value !== null) {
    checkObject(value as Record<string, unknown>, schema, where);
  }
}

/** Of the rules that the alternatives of a value break, that of the one which it was meant to be: the one that got farthest. */
function nearest(errors: string[], where: string): string {
  const inside = errors.find(message => !message.startsWith(`${where} `));
  return (
    inside ?? errors.find(message => !message.startsWith(`${where} has to be of type`)) ?? errors.at(-1)!
  );
}

export type { Schema };
