import { ServiceError } from '../../shared/errors/service-error.ts'
import { toErrorResponse } from './error-response.ts'
import { routeAt } from './routes.ts'

/** Refuses what no route takes: a path there is not, or a method that its path does not take. */
export function refuseUnknown(method: string, path: string): Response {
  const route = routeAt(path)
  if (route === undefined) {
    return toErrorResponse(new ServiceError('invalid_request', 'There is nothing at this path; see /docs.'), 404)
  }
  const error = new ServiceError('invalid_request', `This path takes ${route.methods}, not ${method}.`)
  // What answers GET answers HEAD as well, but for streams that a GET opens.
  return toErrorResponse(error, 405, { allow: route.methods === 'GET' ? 'GET, HEAD' : route.methods })
}
