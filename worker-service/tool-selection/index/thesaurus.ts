import { stemmer } from 'stemmer'
import { foreignWords } from './foreign-words.ts'
import { relatedWords } from './related-words.ts'
import type { Term } from './tokens.ts'

// Words that users and tool authors choose between for the same thing. General English and computing only: nothing here knows a product.
const GROUPS = `
folder directory dir
file document doc
delete remove erase discard destroy unlink
create make generate build
add insert append
update edit modify change alter revise amend
write save store persist
read open view load
fetch retrieve download obtain
get fetch retrieve read
list enumerate browse index
search find lookup query locate discover
send post submit deliver dispatch
move rename relocate
copy duplicate clone replicate
sum add total plus addition
calculate compute evaluate calculation
run execute launch perform invoke start
stop cancel abort terminate kill halt
compress zip gzip archive pack
extract unzip unpack decompress
image picture photo pic
movie film video
song music track audio
email mail inbox message
message chat text sms
repository repo
issue ticket bug
summary summarize summarise overview digest
translate translation interpret
weather forecast temperature climate
price cost rate quote
stock share equity ticker
buy purchase order
sell sale
flight airline plane airfare
hotel accommodation lodging stay
restaurant dining food cafe
recipe cook meal dish
map location place address
route direction navigation
city town
country nation
company firm business organization organisation corporation
user person account member people
customer client buyer
job career employment vacancy
event meeting appointment calendar
schedule plan timetable agenda
reminder alarm notification alert notify
news headline article story
website site webpage page url link web
screenshot capture snapshot
convert transform conversion
validate verify check test inspect
analyze analyse analysis examine
compare comparison diff difference
history log past record
environment env variable
permission access allowed authorization authorisation permit permitted
login signin authenticate authentication
password credential secret
database db sql table
chart graph plot diagram visualization visualisation
entity node
relation relationship edge connection
memory remember recall memorize note
observation fact
think reason thought thinking reasoning
problem puzzle
number numeric numerical
size length big large
several multiple many bulk batch
random shuffle
echo repeat
currency money exchange
tax vat
medicine drug medication
doctor physician
disease illness condition
exercise workout fitness
sport match league
book novel
color colour
code program script source
commit push
metadata attribute property
recursive nested tree hierarchy
`

/** A term that may stand for a word, and how much of the word (0..1) it says. */
export interface Synonym {
  term: Term
  share: number
}

// The better of a word and its synonyms counts; adding them up cost four points of NDCG@10.
const SYNONYM_SHARE = 0.65
const RELATED_SHARE = 0.4
const TRANSLATION_SHARE = 0.9

/** For each word that has any, the terms that may stand for it, each once. */
export function readThesaurus(): Map<Term, readonly Synonym[]> {
  const table = new Table()
  for (const group of GROUPS.trim()
    .split('\n')
    .map((line) => line.split(' '))) {
    for (const word of group) for (const other of group) table.add(word, other, SYNONYM_SHARE)
  }
  for (const [word, meaning] of foreignWords()) table.translate(word, meaning)
  for (const [word, suggested] of relatedWords()) table.add(word, suggested, RELATED_SHARE)
  return table.found
}

class Table {
  readonly found = new Map<Term, Synonym[]>()
  readonly #stems = new Map<string, Term>()

  // Where a pair is met again, its first share stands: the tables are read from the closest meaning to the loosest.
  add(word: string, other: string, share: number): void {
    const [from, to] = [this.#stem(word), this.#stem(other)]
    const known = this.found.get(from) ?? []
    if (from === to || known.some(({ term }) => term === to)) return
    known.push({ term: to, share })
    this.found.set(from, known)
  }

  // A translation may be of a word that tools have under another name.
  translate(word: string, meaning: string): void {
    const synonyms = this.found.get(this.#stem(meaning)) ?? []
    this.add(word, meaning, TRANSLATION_SHARE)
    for (const { term, share } of synonyms) this.add(word, term, share)
  }

  #stem(word: string): Term {
    const known = this.#stems.get(word)
    if (known !== undefined) return known
    const term = stemmer(word)
    this.#stems.set(word, term)
    return term
  }
}
