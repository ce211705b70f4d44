import { statusCommand } from '../servers/show-status.ts'

/** The service and its servers. */
export const command = statusCommand('status')
