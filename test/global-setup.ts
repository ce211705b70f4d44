import { buildPrograms } from '../scripts/build.ts'

/** Tests run the programs as they ship: bundled anew before the first of them. */
export async function setup(): Promise<void> {
  await buildPrograms()
}
