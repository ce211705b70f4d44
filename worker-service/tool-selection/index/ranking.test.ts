import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SAMPLE_SERVERS, sampleServer, sampleTool } from '../../../test/fixtures/sample-servers.ts'
import type { ListedServer, ToolDefinition } from '../../tool-catalog/tool-catalog.ts'
import { createRanking } from './ranking.ts'
import { createReasons } from './reasons.ts'
import { buildToolIndex } from './tool-index.ts'

const ALL = { limit: 1_000, minScore: 0 }

function setUp(servers: readonly ListedServer[] = SAMPLE_SERVERS) {
  const index = buildToolIndex(servers)
  const rank = createRanking(index)
  const scored = (query: string, options = ALL) =>
    rank(query, options).ranked.map(({ tool, score }) => [index.tools[tool]?.id, score] as const)
  const ids = (query: string, options = ALL) => scored(query, options).map(([id]) => id)
  const scoreOf = (query: string, id: string) => scored(query).find(([found]) => found === id)?.[1] ?? 0
  return { index, rank, scored, ids, scoreOf }
}

function ofOneServer(...tools: ToolDefinition[]) {
  return setUp([sampleServer('s', tools)])
}

describe('createRanking', () => {
  describe('with names', () => {
    it.each([
      'read_file',
      'readfile',
      'readFile',
      'READ-FILE',
      'read file',
      'read a file',
      'files/read_file',
      '`read_file`',
    ])('puts read_file first, with 100, for %j', (query) => {
      expect(setUp().scored(query)[0]).toEqual(['files/read_file', 100])
    })

    it('gives each of several names a place at the top, in the order named', () => {
      const { scored } = setUp()
      const named = [
        ['calendar/create_event', 100],
        ['files/delete_file', 100],
        ['mail/send_email', 100],
      ]
      expect(scored('create_event, delete_file and send_email').slice(0, 3)).toEqual(named)
      expect(scored('please use createEvent then delete-file and also "send_email"').slice(0, 3)).toEqual(named)
      expect(scored('create an event, delete a file, send an email').slice(0, 3)).toEqual(named)
    })

    it('gives each name a place before one that many servers share gets its second', () => {
      const shared = Array.from({ length: 5 }, (_, i) => sampleServer(`s${i}`, [sampleTool('search', 'Search')]))
      const { ids } = setUp([...shared, sampleServer('other', [sampleTool('get_sum', 'Add numbers')])])
      expect(ids('search, get_sum').slice(0, 3)).toEqual(['s0/search', 'other/get_sum', 's1/search'])
    })

    it('tells tools of one name apart by their server', () => {
      const { ids } = setUp()
      expect(ids('search').slice(0, 2)).toEqual(['files/search', 'mail/search'])
      expect(ids('mail/search')[0]).toBe('mail/search')
      expect(ids('mail search')[0]).toBe('mail/search')
    })

    it('puts names next that begin with what was asked for, the shorter first', () => {
      const { scored } = ofOneServer(
        sampleTool('list_directory_with_sizes', 'List with sizes'),
        sampleTool('list_directory', 'List'),
        sampleTool('directory_list', 'A list_dir'),
      )
      expect(scored('list_dir').slice(0, 2)).toEqual([
        ['s/list_directory', 99.5],
        ['s/list_directory_with_sizes', 99.5],
      ])
    })

    it('takes a word for the beginning of a name only where it is a whole word of it', () => {
      const { scoreOf } = ofOneServer(sampleTool('cart_add', 'Add to the cart'), sampleTool('car_rental', 'Rent a car'))
      expect(scoreOf('car', 's/car_rental')).toBe(99.5)
      expect(scoreOf('car', 's/cart_add')).toBe(0)
    })

    it('takes a word in a sentence for a word, though a tool is called so', () => {
      const { scored } = ofOneServer(
        sampleTool('search', 'Search'),
        sampleTool('find_flights', 'Search for flights to a city'),
      )
      expect(scored('search for flights')[0]?.[0]).toBe('s/find_flights')
    })
  })

  describe('with words', () => {
    it.each([
      ['send a message by email', 'mail/send_email'],
      ['what is on my calendar: list of events', 'calendar/list_events'],
      ['create an appointment', 'calendar/create_event'],
      ['show all files of a directory', 'files/list_directory'],
      ['remove the file /tmp/notes.txt', 'files/delete_file'],
    ])('finds for %j %s', (query, id) => {
      const { ids } = setUp()
      expect(ids(query, { limit: 1, minScore: 50 })).toEqual([id])
    })

    it('does not count paths, addresses and numbers that no tool knows', () => {
      const { scoreOf } = setUp()
      const plain = scoreOf('delete the old file', 'files/delete_file')
      expect(scoreOf('delete the old file /home/me/notes.txt 42', 'files/delete_file')).toBe(plain)
    })

    it('finds a tool by the names, descriptions and values of its parameters', () => {
      const { ids } = ofOneServer(
        sampleTool('first', 'One', { latitude: 'Degrees north' }),
        { name: 'second', inputSchema: { properties: { unit: { enum: ['celsius', 'kelvin'] } } } },
        sampleTool('third', 'Three'),
      )
      expect(ids('latitude')).toEqual(['s/first'])
      expect(ids('degrees north')).toEqual(['s/first'])
      expect(ids('kelvin')).toEqual(['s/second'])
    })

    it('finds a tool by its server', () => {
      const github = {
        ...sampleServer('gh', [sampleTool('make', 'Make it')]),
        title: 'GitHub',
        description: 'Pull requests',
      }
      const { ids } = setUp([github, ...SAMPLE_SERVERS])
      for (const spelling of ['github', 'GitHub', 'git-hub']) expect(ids(spelling)).toEqual(['gh/make'])
      expect(ids('pull requests')).toEqual(['gh/make'])
    })

    it('finds the same words in another language and spelling', () => {
      const { ids } = ofOneServer(sampleTool('search_cn', '搜索文件'), sampleTool('google_calendar', 'Events'))
      expect(ids('文件')).toEqual(['s/search_cn'])
      expect(ids('googlecalendar')[0]).toBe('s/google_calendar')
    })

    it.each([
      ['a synonym', 'make a folder', 'create_directory'],
      ['a word that suggests it', 'will it rain', 'get_weather'],
      ['a phrase', 'call off the order', 'cancel_order'],
      ['another language', 'déplacer un fichier', 'move_file'],
      ['a language without spaces', '創建目錄', 'create_directory'],
      ['a misspelling', 'forcast of the wether', 'get_weather'],
    ])('finds a tool by %s: %j', (_, query, name) => {
      const { ids } = ofOneServer(
        sampleTool('create_directory', 'Create a directory'),
        sampleTool('move_file', 'Move a file'),
        sampleTool('get_weather', 'Get the weather forecast'),
        sampleTool('cancel_order', 'Cancel an order'),
      )
      expect(ids(query, { limit: 1, minScore: 50 })).toEqual([`s/${name}`])
    })

    it('finds a tool by the tags that its server gives it', () => {
      const { ids } = ofOneServer(sampleTool('a', 'Something'), {
        ...sampleTool('b', 'Something'),
        _meta: { fastmcp: { tags: ['finance', 7] } },
      })
      expect(ids('finance')).toEqual(['s/b'])
    })

    it('prefers among equals the tool beside one that fits better', () => {
      const { ids } = setUp([
        sampleServer('one', [sampleTool('get_tags', 'Tags')]),
        sampleServer('two', [sampleTool('get_tags', 'Tags'), sampleTool('list_contacts', 'All contacts')]),
      ])
      expect(ids('list all contacts with their tags')).toEqual(['two/list_contacts', 'two/get_tags', 'one/get_tags'])
    })

    it('does not take for a kind of thing what no tool knows of that kind', () => {
      const { scoreOf } = ofOneServer(sampleTool('post_message', 'Post a message to a channel'))
      expect(scoreOf('post a message to a Slack channel', 's/post_message')).toBeLessThan(
        scoreOf('post a message to a slack channel', 's/post_message'),
      )
    })

    it('prefers words that stand side by side as they were asked for', () => {
      const { ids } = ofOneServer(
        sampleTool('a', 'Request a review, pull the lever'),
        sampleTool('b', 'Review a pull request, the lever'),
      )
      expect(ids('pull request')).toEqual(['s/b', 's/a'])
    })

    it('finds a tool for each of several wishes', () => {
      const top = setUp().ids('read a file, send somebody an email and tell me the events of a day', {
        limit: 4,
        minScore: 50,
      })
      expect(top).toEqual(expect.arrayContaining(['files/read_file', 'mail/send_email', 'calendar/list_events']))
    })
  })

  describe('with nothing to find', () => {
    it.each(['weather in Paris', 'the of a', '', '   ', '🙂', '_/_', 'xyzzy'])('finds nothing for %j', (query) => {
      expect(setUp().rank(query, ALL)).toEqual({ ranked: [], passed: 0 })
    })

    it('keeps a tool below 50 that matches only the ordinary word of a request', () => {
      const { scored } = setUp()
      for (const [, score] of scored('create a kubernetes namespace')) expect(score).toBeLessThan(50)
      for (const [, score] of scored('search the web for news')) expect(score).toBeLessThan(50)
    })

    it('finds nothing among no tools', () => {
      expect(setUp([]).rank('read_file', ALL)).toEqual({ ranked: [], passed: 0 })
    })
  })

  it('gains nothing by repeating words', () => {
    const { ids } = ofOneServer(
      sampleTool('stuffed', 'email send mail message '.repeat(100), { email: 'send email '.repeat(100) }),
      sampleTool('send_email', 'Send an email'),
    )
    expect(ids('send an email')[0]).toBe('s/send_email')
  })

  it('keeps equals in the order of servers and tools', () => {
    const twins = [sampleTool('second_twin', 'Same'), sampleTool('first_twin', 'Same')]
    const { ids } = setUp([sampleServer('z', twins), sampleServer('y', twins)])
    expect(ids('twin')).toEqual(['z/second_twin', 'z/first_twin', 'y/second_twin', 'y/first_twin'])
  })

  it('counts all that pass, and returns no more than the limit', () => {
    const many = Array.from({ length: 400 }, (_, i) => sampleTool(`make_${i}`, 'Make a widget'))
    const { rank } = setUp([sampleServer('s', many)])
    const { ranked, passed } = rank('make a widget', { limit: 7, minScore: 50 })
    expect(ranked.map(({ tool }) => tool)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(passed).toBe(400)
    expect(rank('make a widget', { limit: 7, minScore: 100 }).passed).toBe(0)
  })

  it('is not held up by an endless query', () => {
    const { rank } = setUp()
    const mebibyte = 1 << 20
    for (const query of ['a'.repeat(mebibyte), 'read a file, '.repeat(mebibyte / 13), 'x_y '.repeat(mebibyte / 4)]) {
      expect(rank(query, ALL).ranked.length).toBeLessThanOrEqual(10)
    }
  })

  it('answers any text with given tools in falling order of score, and the same each time', () => {
    const { rank, index } = setUp()
    const word = fc.constantFrom(
      'read',
      'file',
      'email',
      'search',
      'list_',
      'createEvent',
      ',',
      ' and ',
      '. ',
      '/',
      '__proto__',
    )
    const query = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
    )
    fc.assert(
      fc.property(query, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 100 }), (text, limit, minScore) => {
        const { ranked, passed } = rank(text, { limit, minScore })
        const scores = ranked.map(({ score }) => score)
        expect(scores).toEqual(scores.toSorted((a, b) => b - a))
        expect(scores.every((score) => score >= minScore && score <= 100)).toBe(true)
        expect(new Set(ranked.map(({ tool }) => index.tools[tool]?.id)).size).toBe(Math.min(passed, limit))
        expect(rank(text, { limit, minScore })).toEqual({ ranked, passed })
      }),
    )
  })
})

describe('createReasons', () => {
  it('names the words of each field that matched, synonyms included', () => {
    const { index } = setUp()
    const place = index.tools.findIndex(({ id }) => id === 'files/list_directory')
    expect(createReasons(index, 'list the folder')(place)).toEqual([
      'name: list, directory (for "folder")',
      'description: list, directories (for "folder")',
      'parameter descriptions: directory (for "folder")',
    ])
  })

  it.each([
    ['a misspelling', 'forcast', 'forecast (misspelt "forcast")'],
    ['a translation', 'eine Datei', 'file (translates "datei")'],
    ['a translation of a language without spaces', '文件', 'file (translates "文件")'],
    ['a phrase', 'call off', 'cancel (for "call off")'],
    ['a word that suggests it', 'will it rain', 'forecast (for "rain")'],
    ['the word itself as well', 'the forecast, will it rain', 'forecast'],
  ])('tells a word of the tool from what was asked for: %s', (_, query, words) => {
    const { index } = ofOneServer(sampleTool('x', 'The forecast'), sampleTool('x', 'A file'), sampleTool('x', 'Cancel'))
    const place = index.tools.findIndex(({ tool }) =>
      tool.description?.toLowerCase().includes(words.split(' ')[0] ?? ''),
    )
    expect(createReasons(index, query)(place)).toEqual([`description: ${words}`])
  })

  it('says that a tool was named, or that its name begins so', () => {
    const { index } = setUp()
    const place = index.tools.findIndex(({ id }) => id === 'files/list_directory')
    expect(createReasons(index, 'list_directory')(place)[0]).toBe('named in the query')
    expect(createReasons(index, 'list_dir')(place)[0]).toBe('its name begins with the query')
  })
})
