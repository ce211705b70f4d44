import { globSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

const QUICK_COMMANDS = ['cli/commands/call.ts', 'cli/commands/find.ts']
// What these commands load when they need it.
const RARELY_NEEDED = [
  'cli/answer-without-command.ts',
  'cli/help.ts',
  'cli/completion/completions-of.ts',
  'cli/completion/known-servers.ts',
  'cli/calls/direct-tools.ts',
  'cli/calls/print-found.ts',
  'cli/calls/print-usage.ts',
  'cli/calls/run-batch.ts',
  'cli/calls/tool-usage.ts',
  'cli/worker/find-worker.ts',
  'cli/worker/response-error.ts',
]

// The programs, and the parts of them that not every process needs.
const ENTRY_POINTS = {
  pilot: 'cli/launch.ts',
  commands: 'cli/main.ts',
  front: 'mcp-server/main.ts',
  worker: 'worker-service/main.ts',
  'one-shot': 'worker-service/launch-one-shot.ts',
  'one-shot-program': 'worker-service/one-shot.ts',
  'one-shot-frame': 'worker-service/one-shot-frame.ts',
  openapi: 'worker-service/http/openapi.ts',
  grpc: 'worker-service/grpc/grpc-server.ts',
  'grpc-descriptors': 'worker-service/grpc/descriptor-files.ts',
  'api-selector': 'worker-service/tool-selection/selectors/api-selector.ts',
  'semantic-search': 'worker-service/tool-selection/embeddings/semantic-search.ts',
  'letta-attachments': 'worker-service/tool-selection/letta/letta-attachments.ts',
  'parse-yaml': 'worker-service/config/formats/parse-yaml.ts',
  'parse-toml': 'worker-service/config/formats/parse-toml.ts',
  'check-configuration': 'worker-service/config/check-configuration.ts',
  'import-servers': 'worker-service/config/clients/import-servers.ts',
  'wire-client': 'worker-service/config/clients/wire-client.ts',
  'edit-yaml': 'worker-service/config/formats/edit-yaml.ts',
  'edit-toml': 'worker-service/config/formats/edit-toml.ts',
  'remembered-tools': 'worker-service/remembered-tools.ts',
  'remote-logins': 'worker-service/remote-logins.ts',
  'keep-code': 'shared/files/keep-code.ts',
  'listing-pool': 'worker-service/tool-catalog/listing-pool.ts',
  'stdio-connector': 'worker-service/server-pool/connectors/stdio.ts',
  'obtain-tokens': 'worker-service/server-pool/connectors/remote/oauth/obtain-tokens.ts',
  'remote-connector': 'worker-service/server-pool/connectors/remote/remote.ts',
  'direct-service': 'worker-service/direct-service.ts',
  doctor: 'worker-service/doctor.ts',
  ...Object.fromEntries(coldFiles().map((path) => [`cli-${basename(path, '.ts')}`, path])),
}
const LAZY_PACKAGES = ['undici', 'cockatiel']

// Every program exports `main` and runs it when it is what Node was started with.
const RUN_WHEN_STARTED = 'if (require.main === module) void module.exports.main()'

// What is imported lazily stays in its own file, so that a process pays only for what it needs.
const lazyImportsStayApart: Plugin = {
  name: 'lazy-imports-stay-apart',
  setup(bundle) {
    bundle.onResolve({ filter: /./ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined
      const name = LAZY_PACKAGES.includes(path) ? path : nameOf(relative(ROOT, join(resolveDir, path)))
      return name === undefined ? undefined : { path: `./${name}.cjs`, external: true }
    })
  },
}

// It does not say so itself, and its tables for formatting, which nobody needs, take as long to make as most of a one-shot's work.
const jsoncParserHasNoSideEffects: Plugin = {
  name: 'jsonc-parser-has-no-side-effects',
  setup(bundle) {
    bundle.onResolve({ filter: /^\.\/impl\// }, async ({ path, importer, pluginData, ...where }) => {
      if (pluginData === 'resolving' || !importer.includes('jsonc-parser')) return undefined
      const resolved = await bundle.resolve(path, { ...where, importer, pluginData: 'resolving' })
      return { ...resolved, pluginData: undefined, sideEffects: false }
    })
  },
}

// Of all that package.json says, programs ask for their version.
const onlyTheVersion: Plugin = {
  name: 'only-the-version',
  setup(bundle) {
    bundle.onLoad({ filter: /package\.json$/ }, async ({ path }) => {
      if (path !== join(ROOT, 'package.json')) return undefined
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string }
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
  },
}

// Each command is a file of its own, of which only the one that is typed is loaded; but for the quick ones and what these always need:
// loading one more file takes a tenth as long as starting Node.
function coldFiles(): string[] {
  const commands = globSync('cli/commands/*.ts', { cwd: ROOT }).filter((path) => !path.endsWith('.test.ts'))
  return [...commands.filter((path) => !QUICK_COMMANDS.includes(path)), ...RARELY_NEEDED]
}

function nameOf(source: string): string | undefined {
  return Object.entries(ENTRY_POINTS).find(([, path]) => path === source)?.[0]
}

// CommonJS: an ESM `import 'node:http'` costs twice an empty Node at start, the CommonJS one a tenth.
const BUNDLE: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22.22',
  outExtension: { '.js': '.cjs' },
  outdir: DIST,
  external: ['fs-native-extensions', 'koffi'],
  // Its main file calls a `require` that no bundler can see through.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  legalComments: 'none',
  logLevel: 'warning',
  // Lazy imports become calls of `require`: `import()` sets up Node's other module loader first.
  supported: { 'dynamic-import': false },
}

/** Bundles every program into `dist/`, each into one file so that it starts fast. Programs that run meanwhile keep running. */
export async function buildPrograms(): Promise<void> {
  await mkdir(DIST, { recursive: true })
  const { pilot, commands, 'one-shot': oneShot, 'one-shot-program': oneShotProgram, ...others } = ENTRY_POINTS
  await writePrograms(others)
  // Node reads all of these before a quick command or a one-shot begins; without indentation that takes a fortieth of its life less.
  await writePrograms(
    { pilot, commands, 'one-shot': oneShot, 'one-shot-program': oneShotProgram },
    { minifyWhitespace: true, minifySyntax: true },
  )
  await writeBundles({ entryPoints: Object.fromEntries(LAZY_PACKAGES.map((name) => [name, name])) })
  await cp(join(ROOT, 'node_modules/swagger-ui-dist/swagger-ui.css'), join(DIST, 'docs/swagger-ui.css'))
  await cp(join(ROOT, 'node_modules/swagger-ui-dist/swagger-ui-bundle.js'), join(DIST, 'docs/swagger-ui-bundle.js'))
}

function writePrograms(sources: Readonly<Record<string, string>>, more: BuildOptions = {}): Promise<void> {
  return writeBundles({
    entryPoints: Object.fromEntries(Object.entries(sources).map(([name, path]) => [name, join(ROOT, path)])),
    define: { 'import.meta.dirname': '__dirname' },
    footer: { js: RUN_WHEN_STARTED },
    plugins: [lazyImportsStayApart, jsoncParserHasNoSideEffects, onlyTheVersion],
    ...more,
  })
}

async function writeBundles(options: BuildOptions): Promise<void> {
  const { outputFiles } = await build({ ...BUNDLE, ...options, write: false })
  await Promise.all(outputFiles.map(({ path, text }) => writeFile(path, toAscii(text))))
}

// A dash in a comment doubles what a running program keeps of its source: V8 takes two bytes for each character where one needs them.
// esbuild writes the rest in ASCII; what it leaves are comments and patterns, where an escape means the same.
function toAscii(source: string): string {
  return source.replaceAll(/[^\0-\x7F]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

if (import.meta.main) await buildPrograms()
