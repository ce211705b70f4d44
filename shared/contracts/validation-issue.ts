/** One thing wrong with a request, in the shape FastAPI users know: where (`loc`), what (`type`, `msg`) and what was sent (`input`). */
export interface ValidationIssue {
  type: string
  loc: (string | number)[]
  msg: string
  input: unknown
  ctx?: Record<string, unknown>
}

/** The body of a 422 answer. */
export interface ValidationBody {
  detail: ValidationIssue[]
}
