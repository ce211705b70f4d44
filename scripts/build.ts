import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

// Every program exports `main` and runs it when it is what Node was started with.
const RUN_WHEN_STARTED = 'if (require.main === module) void module.exports.main()'

// What `pilot` loads lazily stays in a file of its own, so that a command pays only for what it needs.
const programsStayApart: Plugin = {
  name: 'programs-stay-apart',
  setup(bundle) {
    bundle.onResolve({ filter: /\/(mcp-server|worker-service)\/main\.ts$/ }, ({ kind, path }) => {
      if (kind !== 'dynamic-import') return undefined
      return { path: path.includes('mcp-server') ? './front.cjs' : './worker.cjs', external: true }
    })
  },
}

// Imported lazily by one program or another: in files of their own they cost nothing to a process that never needs them.
const LAZY_PACKAGES = ['undici', 'cockatiel']

const lazyPackagesStayApart: Plugin = {
  name: 'lazy-packages-stay-apart',
  setup(bundle) {
    bundle.onResolve({ filter: new RegExp(`^(${LAZY_PACKAGES.join('|')})$`) }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${path}.cjs`, external: true } : undefined,
    )
  },
}

// CommonJS: an ESM `import 'node:http'` costs twice an empty Node at start, the CommonJS one a tenth.
const BUNDLE: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22.22',
  outExtension: { '.js': '.cjs' },
  outdir: DIST,
  external: ['fs-native-extensions'],
  // Its main file calls a `require` that no bundler can see through.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  legalComments: 'none',
  logLevel: 'warning',
}

const PROGRAM: BuildOptions = {
  ...BUNDLE,
  define: { 'import.meta.dirname': '__dirname' },
  footer: { js: RUN_WHEN_STARTED },
  plugins: [programsStayApart, lazyPackagesStayApart],
}

/** Bundles every program into `dist/`, each into one file so that it starts fast. Programs that run meanwhile keep running. */
export async function buildPrograms(): Promise<void> {
  await mkdir(DIST, { recursive: true })
  await build({
    ...PROGRAM,
    entryPoints: {
      pilot: join(ROOT, 'cli/main.ts'),
      front: join(ROOT, 'mcp-server/main.ts'),
      worker: join(ROOT, 'worker-service/main.ts'),
      'one-shot': join(ROOT, 'worker-service/one-shot.ts'),
    },
  })
  await build({ ...BUNDLE, entryPoints: Object.fromEntries(LAZY_PACKAGES.map((name) => [name, name])) })
  await cp(join(ROOT, 'node_modules/swagger-ui-dist/swagger-ui.css'), join(DIST, 'docs/swagger-ui.css'))
  await cp(join(ROOT, 'node_modules/swagger-ui-dist/swagger-ui-bundle.js'), join(DIST, 'docs/swagger-ui-bundle.js'))
}

if (import.meta.main) await buildPrograms()
