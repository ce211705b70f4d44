/** What servers list besides tools. */
export type ListKind = 'prompts' | 'resources' | 'resourceTemplates'

/** A prompt, resource or resource template as its server lists it, every member kept as sent; `name` is a text, and so is what it is known by. */
export interface ListedItem {
  readonly name: string
  readonly [member: string]: unknown
}

/** A resource as its server lists it. */
export interface ListedResource extends ListedItem {
  readonly uri: string
}

/** A template of resources as its server lists it. */
export interface ListedTemplate extends ListedItem {
  readonly uriTemplate: string
}

/** The items of each kind of list. */
export interface ItemByKind {
  readonly prompts: ListedItem
  readonly resources: ListedResource
  readonly resourceTemplates: ListedTemplate
}

/** One server's list. */
export interface ServerList<Kind extends ListKind> {
  readonly server: string
  readonly items: readonly ItemByKind[Kind][]
}

/** The lists of all servers. */
export interface ServerLists {
  /** The lists of one kind, in the order configured; servers that cannot be asked, or not soon enough, are left out. Rejects with the signal's reason. */
  of<Kind extends ListKind>(kind: Kind, signal: AbortSignal): Promise<readonly ServerList<Kind>[]>
}
