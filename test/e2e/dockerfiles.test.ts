import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const FILES = ['Dockerfile.worker', 'Dockerfile.mcp']

function instructionsOf(file: string): string[] {
  const text = readFileSync(join(import.meta.dirname, '../..', file), 'utf8')
  return text.split('\n').filter((line) => line !== '' && (!line.startsWith('#') || /^# *syntax *=/.test(line)))
}

// Compose 1.29 builds without BuildKit.
const ONLY_BUILDKIT = /^# *syntax *=|^(RUN|COPY|ADD) .*(--mount|--network|--security|--chmod|--link|--exclude|<<)/

describe('the Dockerfiles', () => {
  it.each(FILES)('%s has nothing that only BuildKit knows', (file) => {
    expect(instructionsOf(file).filter((line) => ONLY_BUILDKIT.test(line))).toEqual([])
  })

  it.each([
    '# syntax=docker/dockerfile:1',
    'RUN --mount=type=cache,target=/root/.npm npm ci',
    'COPY --chmod=0644 a b',
    'RUN <<EOF',
  ])('notices %s', (line) => {
    expect(line).toMatch(ONLY_BUILDKIT)
  })

  it('build the programs in the same steps, so that the second image finds them in the cache', () => {
    const [worker = [], front = []] = FILES.map(instructionsOf).map((lines) =>
      lines.slice(0, lines.indexOf('RUN node scripts/build.ts') + 1),
    )
    expect(worker.length).toBeGreaterThan(3)
    expect(front).toEqual(worker)
  })

  it.each(FILES)('%s installs packages before any source is copied', (file) => {
    const lines = instructionsOf(file)
    expect(lines.findIndex((line) => line.startsWith('RUN npm ci'))).toBeLessThan(
      lines.findIndex((line) => line.startsWith('COPY shared')),
    )
  })
})
