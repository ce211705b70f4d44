const K1 = 1.2
const B = 0.75

/** BM25 as in textbooks (Robertson and Zaragoza, 2009), over texts split at whatever is neither letter nor digit: what ours is held against. */
export function createPlainBm25(texts: readonly string[]): (query: string, limit: number) => number[] {
  const documents = texts.map(toWords)
  const averageLength = documents.reduce((sum, words) => sum + words.length, 0) / documents.length
  const postings = new Map<string, Map<number, number>>()
  documents.forEach((words, place) => {
    for (const word of words) {
      const counts = postings.get(word) ?? new Map<number, number>()
      postings.set(word, counts.set(place, (counts.get(place) ?? 0) + 1))
    }
  })
  const norms = documents.map((words) => K1 * (1 - B + (B * words.length) / averageLength))

  return (query, limit) => {
    const scores = new Map<number, number>()
    for (const word of toWords(query)) {
      const counts = postings.get(word) ?? new Map<number, number>()
      const idf = Math.log(1 + (documents.length - counts.size + 0.5) / (counts.size + 0.5))
      for (const [place, count] of counts) {
        const gain = (idf * count * (K1 + 1)) / (count + (norms[place] ?? 0))
        scores.set(place, (scores.get(place) ?? 0) + gain)
      }
    }
    const best = [...scores].toSorted(([a, scoreA], [b, scoreB]) => scoreB - scoreA || a - b)
    return best.slice(0, limit).map(([place]) => place)
  }
}

function toWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}
