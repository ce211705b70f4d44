import { status } from '@grpc/grpc-js'
import type { CallHandlers } from './call-handlers.ts'
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  type ServerReflectionServer,
  ServerReflectionService,
} from './generated/grpc/reflection/v1/reflection.ts'

type Question = NonNullable<ServerReflectionRequest['messageRequest']>
type Answer = NonNullable<ServerReflectionResponse['messageResponse']>

/** The standard reflection over our protocol files, so that clients need none of them. */
export function createReflectionService(services: readonly string[], handlers: CallHandlers): ServerReflectionServer {
  return {
    serverReflectionInfo: handlers.exchange<ServerReflectionRequest, ServerReflectionResponse>(async (request) => ({
      validHost: request.host,
      originalRequest: request,
      messageResponse: request.messageRequest && (await answer(request.messageRequest, services)),
    })),
  }
}

/** The same service under the name that it had before it was stable, which clients still ask for. */
export const REFLECTION_BEFORE_V1 = {
  serverReflectionInfo: {
    ...ServerReflectionService.serverReflectionInfo,
    path: '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo' as const,
  },
}

async function answer(question: Question, services: readonly string[]): Promise<Answer> {
  if (question.$case === 'listServices') {
    return { $case: 'listServicesResponse', value: { service: services.map((name) => ({ name })) } }
  }
  // Loaded with the first question: few clients have one.
  const { fileNamed, fileOfSymbol, isMessage } = await import('./descriptor-files.ts')
  switch (question.$case) {
    case 'fileByFilename':
      return toFiles(fileNamed(question.value))
    case 'fileContainingSymbol':
      return toFiles(fileOfSymbol(question.value))
    case 'fileContainingExtension':
      return toFiles(undefined)
    case 'allExtensionNumbersOfType':
      if (!isMessage(question.value)) return toFiles(undefined)
      return {
        $case: 'allExtensionNumbersResponse',
        value: { baseTypeName: question.value, extensionNumber: [] },
      }
  }
}

function toFiles(files: Buffer[] | undefined): Answer {
  if (files !== undefined) return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto: files } }
  const value = { errorCode: status.NOT_FOUND, errorMessage: 'It is in none of the protocol files.' }
  return { $case: 'errorResponse', value }
}
