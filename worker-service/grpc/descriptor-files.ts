import { createFileRegistry, type DescFile, fromBinary, toBinary } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { DESCRIPTORS } from './generated/descriptors.ts'

let registry: ReturnType<typeof createFileRegistry> | undefined

/** A protocol file and all that it imports, each a FileDescriptorProto; undefined where there is none of this name. */
export function fileNamed(name: string): Buffer[] | undefined {
  return withImports(files().getFile(name))
}

/** The same for the file that has a message, an enum, a service or a method, by its full name. */
export function fileOfSymbol(symbol: string): Buffer[] | undefined {
  const found = files().get(symbol)
  if (found !== undefined) return withImports(found.file)
  const [service, method] = [symbol.slice(0, symbol.lastIndexOf('.')), symbol.slice(symbol.lastIndexOf('.') + 1)]
  const owner = files().getService(service)
  return owner?.methods.some(({ name }) => name === method) ? withImports(owner.file) : undefined
}

/** Whether there is a message of this full name. */
export function isMessage(name: string): boolean {
  return files().getMessage(name) !== undefined
}

function files() {
  registry ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(DESCRIPTORS, 'base64')))
  return registry
}

function withImports(file: DescFile | undefined): Buffer[] | undefined {
  if (file === undefined) return undefined
  const found = new Set([file])
  // A set goes on with what is added to it meanwhile.
  for (const one of found) for (const imported of one.dependencies) found.add(imported)
  return Array.from(found, ({ proto }) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)))
}
