import { describeIssue, type ValidationIssue } from '../../shared/contracts/validation-issue.ts'

/** A part of a request cannot be read; `issues` are all that is wrong, in FastAPI's words. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput'
  readonly issues: ValidationIssue[]

  constructor(...issues: [ValidationIssue, ...ValidationIssue[]]) {
    super(issues.map(describeIssue).join('; '))
    this.issues = issues
  }
}
