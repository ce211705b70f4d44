import { describe, expect, it } from 'vitest'
import { serverTexts, toolTexts } from './tool-fields.ts'

function schemaTexts(inputSchema: Record<string, unknown>) {
  const {
    parameters,
    'parameter descriptions': descriptions,
    'enum values': values,
  } = toolTexts({ name: 't', inputSchema })
  return [parameters, descriptions, values].map((text) => text.split(/\s+/).filter((word) => word !== ''))
}

describe('toolTexts', () => {
  it('reads names, descriptions and enum values of nested parameters', () => {
    const schema = {
      type: 'object',
      description: 'whole',
      properties: {
        owner: { type: 'string', description: 'who' },
        filter: {
          type: 'object',
          properties: { state: { enum: ['open', 'closed', 3], title: 'State' } },
          additionalProperties: { properties: { extra: {} } },
        },
        labels: { type: 'array', items: { properties: { colour: { const: 'red' } } } },
        either: { anyOf: [{ properties: { left: {} } }, { $ref: '#/$defs/shape' }] },
      },
      $defs: { shape: { description: 'a shape', properties: { radius: {} } } },
    }
    const [parameters, descriptions, values] = schemaTexts(schema)
    expect(parameters).toEqual(['owner', 'filter', 'labels', 'either', 'state', 'radius', 'extra', 'colour', 'left'])
    expect(descriptions).toEqual(['who', 'a', 'shape', 'State'])
    expect(values).toEqual(['open', 'closed', 'red'])
  })

  it.each([
    ['no schema', undefined],
    ['null', null],
    ['a list', [1]],
    ['properties that are none', { properties: 'x' }],
    ['properties of null', { properties: { a: null } }],
    ['an enum that is none', { properties: { a: { enum: 'x', anyOf: {}, items: 1 } } }],
  ])('takes %s as it comes', (_, schema) => {
    expect(() => schemaTexts(schema as Record<string, unknown>)).not.toThrow()
  })

  it('reads what is no text as nothing', () => {
    const texts = toolTexts({ name: 't', title: 7 as never, description: {} as never, inputSchema: {} })
    expect(texts).toMatchObject({ title: '', description: '' })
  })

  it('ends in a schema that contains itself or never ends', () => {
    const loop: Record<string, unknown> = {}
    loop.properties = { a: loop, b: loop, c: loop }
    expect(schemaTexts(loop)[0]?.length).toBeLessThan(2_000)
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`p${i}`, { description: `d${i}` }]))
    expect(schemaTexts({ properties: wide })[1]?.length).toBeLessThan(501)
  })

  it('reads only the beginning of long texts', () => {
    const { description, name } = toolTexts({
      name: 'n'.repeat(9_999),
      description: 'd'.repeat(99_999),
      inputSchema: {},
    })
    expect([name.length, description.length]).toEqual([300, 2_000])
  })
})

describe('serverTexts', () => {
  it('joins name and title and reads only the beginning of the description', () => {
    const texts = serverTexts({ name: 'gh', title: 'GitHub', description: 'x'.repeat(9_999), tools: [] })
    expect(texts.server).toBe('gh GitHub')
    expect(texts['server description']).toHaveLength(300)
  })
})
