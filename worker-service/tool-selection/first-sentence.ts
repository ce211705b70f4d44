const MAX_LENGTH = 160

/** The first sentence of a description on a line of at most 160 characters; empty where there is no description. */
export function firstSentence(description: unknown): string {
  if (typeof description !== 'string') return ''
  const line = description.replace(/\s+/g, ' ').trim()
  const sentence = /^.*?[.!?](?= |$)/.exec(line)?.[0] ?? line
  return sentence.length <= MAX_LENGTH ? sentence : `${sentence.slice(0, MAX_LENGTH)}…`
}
