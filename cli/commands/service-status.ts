import { statusCommand } from '../servers/show-status.ts'

/** The service and its servers, among the commands of the service. */
export const command = statusCommand('service status')
