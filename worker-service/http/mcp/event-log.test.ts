import { describe, expect, it } from 'vitest'
import { EventLog } from './event-log.ts'

const frame = (text: string) => Buffer.from(text)

function texts(log: EventLog, eventId: string): string[] | undefined {
  return log.after(eventId)?.events.map((event) => event.frame.toString())
}

describe('EventLog', () => {
  it('gives what came after an event, of its stream alone', () => {
    const log = new EventLog({ maxBytes: 100, maxEvents: 10 })
    const beginning = log.beginningOf('a')
    const first = log.append('a', frame('1'))
    log.append('b', frame('2'))
    log.append('a', frame('3'))
    expect(texts(log, beginning)).toEqual(['1', '3'])
    expect(texts(log, first.id)).toEqual(['3'])
    expect(log.after(first.id)?.stream).toBe('a')
  })

  it.each(['', '1', '1-', '-a', '1-A', '1-a-b', '9-a', '1e1-a', `1-${'a'.repeat(17)}`])('knows no event %j', (id) => {
    const log = new EventLog({ maxBytes: 100, maxEvents: 10 })
    log.append('a', frame('1'))
    expect(log.after(id)).toBeUndefined()
  })

  it('lets the oldest go when there are too many, or too long ones', () => {
    const few = new EventLog({ maxBytes: 100, maxEvents: 2 })
    const short = new EventLog({ maxBytes: 4, maxEvents: 10 })
    for (const log of [few, short]) {
      const beginning = log.beginningOf('a')
      for (const text of ['11', '22', '33']) log.append('a', frame(text))
      expect(texts(log, beginning)).toEqual(['22', '33'])
    }
  })

  it('keeps in the place of some what is left of them, for their streams', () => {
    const log = new EventLog({ maxBytes: 100, maxEvents: 2 })
    const beginning = log.beginningOf('a')
    const answer = log.append('a', frame('answer'), () => frame('gone'))
    for (const text of ['1', '2', '3']) log.append('b', frame(text))
    expect([texts(log, beginning), texts(log, answer.id)]).toEqual([['gone'], []])
    for (const text of ['4', '5']) log.append('a', frame(text), () => frame(`no ${text}`))
    for (const text of ['6', '7']) log.append('b', frame(text))
    expect(texts(log, beginning)).toEqual(['no 4', 'no 5'])
  })

  it('keeps the latest, however long it is', () => {
    const log = new EventLog({ maxBytes: 4, maxEvents: 10 })
    const beginning = log.beginningOf('a')
    log.append('a', frame('1'))
    log.append('a', frame('very long'))
    expect(texts(log, beginning)).toEqual(['very long'])
  })
})
