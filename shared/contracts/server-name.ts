/** What the name of a configured server may look like. It stands in tool ids, socket names and texts that models read. */
export const SERVER_NAME = /^[A-Za-z0-9_.-]{1,40}$/
