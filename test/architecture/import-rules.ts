import { posix } from 'node:path'

/** A source file: its path from the root of the project, with `/`, and its text. */
export interface SourceFile {
  path: string
  text: string
}

interface Import {
  /** A path from the root for files of ours, else the specifier (`hono`, `node:fs`). */
  target: string
  ours: boolean
  typeOnly: boolean
}

interface Rule {
  name: string
  /** What this file does against the rule, one text per offence. */
  offences: (file: SourceFile, imports: readonly Import[]) => string[]
}

/** Every rule that a file breaks, as `path: rule: offence`. Cycles are looked for over all files together. */
export function violations(files: readonly SourceFile[]): string[] {
  const importsOf = new Map(files.map((file) => [file.path, readImports(file)]))
  const single = files.flatMap((file) =>
    RULES.flatMap(({ name, offences }) =>
      offences(file, importsOf.get(file.path) ?? []).map((offence) => `${file.path}: ${name}: ${offence}`),
    ),
  )
  return [...single, ...cycles(importsOf)]
}

const IMPORT =
  /^\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm

function readImports({ path, text }: SourceFile): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, fixed, lazy]) => {
    const specifier = fixed ?? lazy ?? ''
    const ours = specifier.startsWith('.')
    const target = ours ? posix.join(posix.dirname(path), specifier) : specifier
    return { target, ours, typeOnly: type !== undefined }
  })
}

const CORE = ['server-pool', 'tool-catalog', 'tool-selection', 'routing', 'aggregator']
const BELOW_AGGREGATOR = CORE.filter((room) => room !== 'aggregator')
const FACES = ['http', 'grpc']
const EDGES = [...FACES, 'control', 'config', 'observability']
const PURE = /^shared\/(copy-to-keep\.ts$|contracts\/list-methods\.ts$|errors\/|frames\/|json-)/
const SPAWNERS = [/\/connectors\//, /one-shot-fallback\.ts$/, /start-worker\.ts$/, /cli\/open-browser\.ts$/]

const RULES: readonly Rule[] = [
  mayImport('shared imports nothing of ours', /^shared\//, [/^shared\//, /^package\.json$/]),
  mayImport('mcp-server imports shared only', /^mcp-server\//, [/^mcp-server\//, /^shared\//]),
  mayImport('cli imports shared, and the programs it runs', /^cli\//, [
    /^cli\//,
    /^shared\//,
    /^(mcp-server|worker-service)\/main\.ts$/,
    /^mcp-server\/connect\.ts$/,
    /^worker-service\/(direct-service|doctor|remembered-tools|remote-logins)\.ts$/,
    /^worker-service\/config\/(check-configuration|clients\/(import-servers|wire-client))\.ts$/,
  ]),
  mayImport('worker-service imports itself and shared', /^worker-service\//, [/^worker-service\//, /^shared\//]),
  forbids('the core knows no edge', inRooms(CORE), (target) => inRooms(EDGES).test(target)),
  forbids('tool-catalog is below tool-selection', inRooms(['tool-catalog']), (target) =>
    inRooms(['tool-selection']).test(target),
  ),
  forbids('the aggregator is above the core', inRooms(BELOW_AGGREGATOR), (target) =>
    inRooms(['aggregator']).test(target),
  ),
  forbids(
    'the aggregator knows the types of server-pool only',
    inRooms(['aggregator']),
    (target, { typeOnly }) => !typeOnly && inRooms(['server-pool']).test(target),
  ),
  forbids('control knows no face', inRooms(['control']), (target) => inRooms(FACES).test(target)),
  forbids(
    'routing imports types, and what is pure in shared',
    inRooms(['routing']),
    (target, { typeOnly }) => !typeOnly && !inRooms(['routing']).test(target) && !PURE.test(target),
  ),
  forbids(
    'only spawners touch node:child_process',
    (path) => !SPAWNERS.some((spawner) => spawner.test(path)),
    (target) => target === 'node:child_process' || target === 'child_process',
  ),
  forbids(
    'only http imports hono',
    (path) => !path.startsWith('worker-service/http/'),
    (target) => /^(@hono\/|hono(\/|$))/.test(target),
  ),
  forbids(
    'only grpc imports @grpc',
    (path) => !path.startsWith('worker-service/grpc/'),
    (target) => target.startsWith('@grpc/'),
  ),
  {
    name: 'only environment.ts and main files see process.env',
    offences: ({ path, text }) =>
      /(^|\/)(environment|main|launch|(launch-)?one-shot)\.ts$/.test(path)
        ? []
        : [...text.matchAll(/\bprocess\.env\b/g)].map(String),
  },
  {
    name: 'no default exports and no barrels',
    offences: ({ text }) => [...text.matchAll(/^export (default\b|\*)/gm)].map(([found]) => found),
  },
]

function inRooms(rooms: readonly string[]): RegExp {
  return new RegExp(`^worker-service/(${rooms.join('|')})/`)
}

function mayImport(name: string, from: RegExp, allowed: readonly RegExp[]): Rule {
  return {
    name,
    offences: ({ path }, imports) =>
      from.test(path)
        ? imports
            .filter(({ ours, target }) => ours && !allowed.some((one) => one.test(target)))
            .map(({ target }) => target)
        : [],
  }
}

type Forbidden = (target: string, found: Import) => boolean

function forbids(name: string, from: RegExp | ((path: string) => boolean), forbidden: Forbidden): Rule {
  const applies = from instanceof RegExp ? (path: string) => from.test(path) : from
  return {
    name,
    offences: ({ path }, imports) =>
      applies(path) ? imports.filter((found) => forbidden(found.target, found)).map(({ target }) => target) : [],
  }
}

// Types vanish before anything runs, so a cycle of them alone is none.
function cycles(importsOf: ReadonlyMap<string, readonly Import[]>): string[] {
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push(`${path}: no import cycles: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`)
      return
    }
    if (done.has(path)) return
    for (const { target, ours, typeOnly } of importsOf.get(path) ?? []) {
      if (ours && !typeOnly) visit(target, [...trail, path])
    }
    done.add(path)
  }
  for (const path of importsOf.keys()) visit(path, [])
  return found
}
