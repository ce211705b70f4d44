import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { promisify } from 'node:util'

/** Whether a test has the program it needs; otherwise a line that says why it is skipped. */
export type Installed = { kind: 'ready' } | { kind: 'skipped'; reason: string }

const CHROMIUM = '/usr/bin/chromium'
const PYTHON = '/usr/bin/python3'
const FISH = '/usr/bin/fish'

/** Debian's Chromium. Throws where it is not there and `PILOTLIGHT_REQUIRE_CHROMIUM=1`. */
export function findChromium(): Promise<Installed> {
  const looked = access(CHROMIUM, constants.X_OK)
  return installed(looked, { missing: 'Chromium (Debian package chromium)', variable: 'PILOTLIGHT_REQUIRE_CHROMIUM' })
}

/** Debian's Python with its gRPC library. Throws where it is not there and `PILOTLIGHT_REQUIRE_PYTHON_GRPC=1`. */
export function findPythonGrpc(): Promise<Installed> {
  const looked = promisify(execFile)(PYTHON, ['-c', 'import grpc, google.protobuf'])
  return installed(looked, { missing: 'gRPC for Python (python3-grpcio)', variable: 'PILOTLIGHT_REQUIRE_PYTHON_GRPC' })
}

/** The shell fish. Throws where it is not there and `PILOTLIGHT_REQUIRE_FISH=1`. */
export function findFish(): Promise<Installed> {
  const looked = access(FISH, constants.X_OK)
  return installed(looked, { missing: 'fish (Debian package fish)', variable: 'PILOTLIGHT_REQUIRE_FISH' })
}

async function installed(
  looked: Promise<unknown>,
  { missing, variable }: { missing: string; variable: string },
): Promise<Installed> {
  try {
    await looked
    return { kind: 'ready' }
  } catch (cause) {
    const reason = `${missing} is not installed`
    if (process.env[variable] === '1') throw new Error(`${reason}, and ${variable}=1 asks for it.`, { cause })
    process.stdout.write(`Skipped: ${reason}.\n`)
    return { kind: 'skipped', reason }
  }
}
