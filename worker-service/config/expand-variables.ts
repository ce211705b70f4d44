/** Names and values of variables, as a process or a file has them. */
export type Variables = Readonly<Record<string, string | undefined>>

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

/**
 * Replaces `${NAME}` and `${NAME:-default}`; as in a shell the default also stands in for an empty value. A name that is not set
 * and has no default is added to `missing` and becomes nothing. Values are not looked through again. Anything else stays as it is.
 */
export function expandVariables(text: string, variables: Variables, missing: Set<string>): string {
  return text.replaceAll(REFERENCE, (_, name: string, byDefault: string | undefined) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (byDefault !== undefined) return value || byDefault
    if (value === undefined) missing.add(name)
    return value ?? ''
  })
}
