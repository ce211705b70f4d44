import { describe, expect, it } from 'vitest'
import { Subscriptions } from './subscriptions.ts'

describe('Subscriptions', () => {
  it('have the server asked until it has confirmed', () => {
    const subscriptions = new Subscriptions()
    expect(subscriptions.add('u:1', 'a')).toBe(false)
    expect(subscriptions.add('u:1', 'b')).toBe(false)
    subscriptions.confirm('u:1')
    expect(subscriptions.add('u:1', 'c')).toBe(true)
    subscriptions.forgetConfirmations()
    expect(subscriptions.add('u:1', 'd')).toBe(false)
  })

  it('have the server told when the last client leaves, and only then', () => {
    const subscriptions = new Subscriptions()
    subscriptions.add('u:1', 'a')
    subscriptions.add('u:1', 'b')
    expect(subscriptions.remove('u:1', 'a')).toBe(false)
    expect(subscriptions.remove('u:1', 'a')).toBe(false)
    expect(subscriptions.has('u:1')).toBe(true)
    expect(subscriptions.remove('u:1', 'b')).toBe(true)
    expect(subscriptions.has('u:1')).toBe(false)
    expect(subscriptions.remove('u:1', 'b')).toBe(false)
    expect(subscriptions.size).toBe(0)
  })

  it('lose a client everywhere at once', () => {
    const subscriptions = new Subscriptions()
    subscriptions.add('u:1', 'a')
    subscriptions.add('u:2', 'a')
    subscriptions.add('u:2', 'b')
    subscriptions.add('u:3', 'b')
    expect(subscriptions.removeClient('a')).toEqual(['u:1'])
    expect(subscriptions.uris()).toEqual(['u:2', 'u:3'])
    expect(subscriptions.size).toBe(2)
  })

  it('take no confirmation of what nobody subscribed to', () => {
    const subscriptions = new Subscriptions()
    subscriptions.confirm('u:1')
    expect(subscriptions.size).toBe(0)
    expect(subscriptions.add('u:1', 'a')).toBe(false)
  })

  it.each([
    ['file:///a', 'file:///a', true],
    ['file:///a', 'file:///a/b', true],
    ['file:///a', 'file:///a?q', true],
    ['file:///a', 'file:///a#f', true],
    ['file:///a/', 'file:///a/b', true],
    ['file:///a', 'file:///ab', false],
    ['file:///a/b', 'file:///a', false],
    ['file:///b', 'file:///a', false],
  ])('of %s hear of %s: %s', (subscribed, updated, expected) => {
    const subscriptions = new Subscriptions()
    subscriptions.add(subscribed, 'a')
    expect(subscriptions.audienceOf(updated).has('a')).toBe(expected)
  })

  it('tell each client once', () => {
    const subscriptions = new Subscriptions()
    subscriptions.add('file:///a', 'a')
    subscriptions.add('file:///a/b', 'a')
    subscriptions.add('file:///a/b', 'b')
    expect([...subscriptions.audienceOf('file:///a/b')]).toEqual(['a', 'b'])
  })
})
