import type { Field } from './tool-fields.ts'

// The starting point of all settings is a comparison over fifteen labelled sets of tools and queries (49 to 9,780 tools each), on queries
// not used for tuning: NDCG@10 was 49 for textbook BM25 over three fields, 60 with the tokens of tokens.ts, 65 with these weights and 67
// with a thesaurus.

/** How a field is weighed. */
export interface FieldSetting {
  /** How much a word counts in it. */
  weight: number
  /** How far a long field is held against it (`b` of BM25F): 0 not at all, 1 wholly. */
  b: number
  /** How often a word counts in it. Prose repeats words for its own reasons, or to be found; names that do are about the word. */
  repeats: number
}

/** See {@link FieldSetting}. */
export const FIELD_WEIGHTS: Record<Field, FieldSetting> = {
  name: { weight: 2, b: 1, repeats: 2 },
  title: { weight: 0.5, b: 0.75, repeats: 2 },
  description: { weight: 0.5, b: 0.75, repeats: 1 },
  parameters: { weight: 0.5, b: 0.75, repeats: 2 },
  'parameter descriptions': { weight: 0.5, b: 0.3, repeats: 1 },
  'enum values': { weight: 1, b: 0.3, repeats: 2 },
  tags: { weight: 0.8, b: 0.5, repeats: 2 },
  server: { weight: 1.5, b: 0.75, repeats: 2 },
  'server description': { weight: 0.6, b: 0.75, repeats: 1 },
}

/** `k1` of BM25F: the evidence at which a word counts half of what it can count at most. */
export const SATURATION = 1.6
