// What English says in two words that are stop words by themselves or mean something else: "call off" is to cancel.
const LINES = `
set up: setup create
sets up: setup create
setting up: setup create
call off: cancel
called off: cancel
put off: postpone reschedule
push back: postpone reschedule
get rid of: delete
throw away: delete
throw out: delete
take out: remove
take off: remove
take down: remove
wipe out: delete
look up: search lookup
look for: search
looking for: search
look at: view
take a look: view
find out: get check
figure out: find
work out: calculate
go through: read
sign up: register signup
sign in: login
log in: login
log out: logout
sign out: logout
write down: write note
jot down: write note
note down: write note
fill in: fill
fill out: fill
check out: check
back up: backup
roll back: restore revert
bring back: restore
turn on: enable
switch on: enable
turn off: disable
switch off: disable
shut down: stop shutdown
close down: close
start up: start
kick off: start
carry out: run execute
pick up: get
put together: create make
come up with: generate create
make up: generate
let know: notify send message
get in touch: contact message
get in touch with: contact message
reach out: contact message
get back to: reply
hand over: transfer
hand off: transfer
pass on: forward
send out: send
send over: send
break down: split analyze
split up: split
add up: sum add
sum up: summarize
cut down: shorten
speed up: accelerate performance
slow down: throttle slow
keep track of: track
keep an eye on: monitor watch
sort out: fix
clean up: clean delete
tidy up: clean
book in: book schedule
pencil in: schedule
pay back: refund
pull up: get open show
bring up: open show
point to: link
swap out: replace
hook up: connect
plug in: connect
spin up: create start
`

let phrases: { meanings: ReadonlyMap<string, string>; pattern: RegExp } | undefined

/** A text with the words in place of phrases that say the same; each replacement is noted. */
export function replacePhrases(text: string, note: (meaning: string, phrase: string) => void): string {
  phrases ??= readPhrases()
  const { meanings, pattern } = phrases
  return text.replace(pattern, (phrase) => {
    const meaning = meanings.get(phrase.toLowerCase().replace(/\s+/g, ' ')) ?? phrase
    note(meaning, phrase)
    return meaning
  })
}

function readPhrases(): NonNullable<typeof phrases> {
  const pairs = LINES.trim()
    .split('\n')
    .map((line) => line.split(': ') as [string, string])
  const longestFirst = pairs.map(([phrase]) => phrase).toSorted((a, b) => b.length - a.length)
  const pattern = new RegExp(`\\b(?:${longestFirst.join('|').replaceAll(' ', '\\s+')})\\b`, 'gi')
  return { meanings: new Map(pairs), pattern }
}
