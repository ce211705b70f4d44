/**
 * Words that say nothing about which tool is wanted: English function words, and what people put around a request ("could you please").
 * Dropping them was the biggest single step from textbook BM25 (see field-weights.ts for the source of all measured settings).
 */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a an the this that these those some any each every all both either such same other another
  i me my mine we us our you your he him his she her it its they them their who whom whose which what
  am is are was were be been being do does did doing done have has had having will would shall should can could may might must
  and or but if then else than so as because while when where why how
  of at by for with about into onto to from in on out off over via per within upon
  not no nor only just also too once very more most there here
  please want wants wanted need needs like let lets id im ive thanks thank hi hello hey kindly able
  dont doesnt didnt cant wont isnt whats thats using use used`.split(/\s+/),
)

/** The same of other languages: they are passed over where no tool uses them. */
export const FOREIGN_STOP_WORDS: ReadonlySet<string> = new Set(
  `der die das dem den ein eine einen einem einer eines und oder mit für von vom zu zum zur im ist sind mir mich bitte auf aus wie wird
  le la les un une de des du et ou avec en au aux pour dans sur est mon ma mes moi autre autres svp
  el lo los las una unas uno y de del con para por mi mis otro otra favor
  il gli i dei della delle di da e che nel nella mio mia altro altra
  um uma o a os as do dos da das em no na meu minha outro outra`.split(/\s+/),
)

/** Words that do say something, yet stand in every other request; each counts half. */
export const FILLER_WORDS: ReadonlySet<string> = new Set(
  `help provide give show tell find get know details detail information info tool tools something anything
  specific various certain given based related current new available way best good`.split(/\s+/),
)
