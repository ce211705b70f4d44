import { stemmer } from 'stemmer'
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
permission access allowed authorization authorisation
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

/** For each word that has any, the other words that may stand for it, all as {@link Term}s. */
export function readThesaurus(): Map<Term, readonly Term[]> {
  const found = new Map<Term, readonly Term[]>()
  for (const line of GROUPS.trim().split('\n')) {
    const group = line.split(' ').map((word) => stemmer(word))
    for (const term of group) {
      const others = [...(found.get(term) ?? []), ...group]
      found.set(
        term,
        [...new Set(others)].filter((other) => other !== term),
      )
    }
  }
  return found
}
