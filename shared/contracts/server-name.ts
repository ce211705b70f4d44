/** What the name of a configured server may look like. It stands in tool ids, paths, socket names and texts that models read. */
export const SERVER_NAME = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,40}$/

/** A server's name in a text for people: in quotes where it is none that a server can have. */
export function showServerName(name: string): string {
  return SERVER_NAME.test(name) ? name : JSON.stringify(name)
}

/** A message about a server without the name it begins with, for where that stands already. */
export function withoutServer(name: string, message: string): string {
  const prefix = `server "${name}": `
  return message.startsWith(prefix) ? message.slice(prefix.length) : message
}
