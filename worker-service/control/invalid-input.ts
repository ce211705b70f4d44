import type { ValidationIssue } from '../../shared/contracts/validation-issue.ts'

/** A part of a request cannot be read; `issue` is what the 422 answer says, in FastAPI's words. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput'
  readonly issue: ValidationIssue

  constructor(issue: ValidationIssue) {
    super(issue.msg)
    this.issue = issue
  }
}
