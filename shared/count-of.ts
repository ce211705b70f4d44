/** So many of something: `1 server`, `2 servers`. */
export function countOf(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`
}
