/** The methods that ask for what there is, which is known with no server running. */
export const LIST_METHODS = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'] as const

/** One of {@link LIST_METHODS}. */
export type ListMethod = (typeof LIST_METHODS)[number]

/** Whether a method is one of {@link LIST_METHODS}. */
export function isListMethod(method: string | undefined): method is ListMethod {
  return LIST_METHODS.some((one) => one === method)
}
