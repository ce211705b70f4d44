import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { schemaProblem } from './schema-problem.ts'

type Schema = Record<string, unknown>

const ofInput = (schema: Schema) => schemaProblem({ type: 'object', ...schema }, { isCompiled: false })
const ofOutput = (schema: Schema) => schemaProblem({ type: 'object', ...schema }, { isCompiled: true })

describe('schemaProblem', () => {
  it.each<Schema>([
    {},
    { properties: { a: { type: ['string', 'null'], enum: ['x', null] }, b: { items: [{ type: 'string' }, true] } } },
    { properties: { '': {}, $ref: {}, type: { type: 'string' } }, required: ['type'], additionalProperties: false },
    { $defs: { 'a/b': { type: 'number', minimum: 0, multipleOf: 0.1 } }, properties: { a: { $ref: '#/$defs/a~1b' } } },
    { properties: { a: { $ref: '#' } }, patternProperties: { '^x': { anyOf: [{ type: 'string' }, { not: {} }] } } },
    { properties: { a: { default: { type: 7 }, const: [], examples: 7, 'x-other': { type: 7 } } } },
    { dependencies: { a: ['b'], c: { minProperties: 1 } }, if: {}, else: false },
  ])('finds nothing wrong with %j', (schema) => {
    expect([ofInput(schema), ofOutput(schema)]).toEqual([undefined, undefined])
  })

  it.each<[Schema, string]>([
    [{ type: 'string' }, 'type is not "object"'],
    [{ type: undefined }, 'type is not "object"'],
    [{ properties: [] }, 'properties is not an object'],
    [{ properties: { a: true } }, 'properties.a is not an object'],
    [{ properties: { path: { type: 'strin' } } }, 'properties.path.type is no type'],
    [{ properties: { path: { type: [] } } }, 'properties.path.type is no type'],
    [{ properties: { a: { items: 'string' } } }, 'properties.a.items is no schema'],
    [{ properties: { a: { items: [{}, 7] } } }, 'properties.a.items.1 is no schema'],
    [{ properties: { a: { enum: 'x' } } }, 'properties.a.enum is no list of values'],
    [{ properties: { a: { description: 7 } } }, 'properties.a.description is not text'],
    [{ properties: { a: { exclusiveMinimum: true } } }, 'properties.a.exclusiveMinimum is not a number'],
    [{ properties: { a: { required: true } } }, 'properties.a.required is no list of different names'],
    [{ required: ['a', 'a'] }, 'required is no list of different names'],
    [{ anyOf: [] }, 'anyOf is no list of schemas'],
    [{ additionalProperties: 'no' }, 'additionalProperties is no schema'],
    [{ properties: { a: { minLength: -1 } } }, 'properties.a.minLength is no count'],
    [{ properties: { a: { $ref: '#/$defs/A' } } }, 'properties.a.$ref refers to #/$defs/A, which is not there'],
    [{ properties: { a: { $ref: '#/__proto__' } } }, 'properties.a.$ref refers to #/__proto__, which is not there'],
    [{ patternProperties: [] }, 'patternProperties is not an object'],
    [{ dependencies: { a: [7] } }, 'dependencies.a is no list of different names'],
  ])('says what is wrong with %j', (schema, expected) => {
    expect([ofInput(schema), ofOutput(schema)]).toEqual([expected, expected])
  })

  it.each<[Schema, string]>([
    [{ properties: { a: { pattern: '(?i)x' } } }, 'properties.a.pattern is no pattern'],
    [{ patternProperties: { '[': {} } }, 'patternProperties.[ is no pattern'],
    [{ properties: { a: { nullable: true } } }, 'properties.a.nullable is no flag beside a type'],
    [{ properties: { a: { id: 'x' } } }, 'properties.a.id is called "$id" today'],
    [
      { properties: { a: { $ref: 'https://else/where' } } },
      'properties.a.$ref refers to https://else/where, which is not there',
    ],
  ])('minds %j only where it is compiled', (schema, expected) => {
    expect([ofInput(schema), ofOutput(schema)]).toEqual([undefined, expected])
  })

  const name = fc.constantFrom('a', 'b', '__proto__', 'type', '$ref')
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      -1,
      0,
      1,
      1.5,
      '',
      'object',
      'string',
      'x',
      '[',
      '#',
      '#/properties/a',
      '#/$defs/a',
      '#a',
      '/x',
    ),
    fc.constantFrom<unknown>([], ['a'], ['a', 'a'], ['string', 'null'], [1], {}),
  )
  const { schema } = fc.letrec<{ schema: Schema; content: unknown }>((tie) => ({
    content: fc.oneof(
      { depthSize: 'small' },
      value,
      tie('schema'),
      fc.array(tie('schema'), { maxLength: 2 }),
      fc.dictionary(name, tie('schema'), { maxKeys: 2 }),
    ),
    schema: fc.dictionary(
      fc.constantFrom(
        'type',
        'properties',
        'required',
        'items',
        'anyOf',
        'enum',
        '$ref',
        '$defs',
        'pattern',
        'patternProperties',
        'not',
        'if',
        'then',
        'dependencies',
        'additionalProperties',
        'nullable',
        'multipleOf',
        'minLength',
        'uniqueItems',
        'propertyNames',
        'contains',
        'description',
        'id',
        'const',
      ),
      tie('content'),
      { maxKeys: 4 },
    ),
  }))

  it('lets pass only what the official client can compile', () => {
    const compiler = new AjvJsonSchemaValidator()
    fc.assert(
      fc.property(schema, (generated) => {
        const outer = { ...generated, type: 'object' }
        fc.pre(schemaProblem(outer, { isCompiled: true }) === undefined)
        expect(() => compiler.getValidator(outer as Parameters<typeof compiler.getValidator>[0])).not.toThrow()
      }),
      { numRuns: 2_000 },
    )
  })
})
