import { connectorContract } from '../../../test/contracts/connector-contract.ts'
import { fixtureServer } from '../../../test/support/fixture-server.ts'
import { availableIsolations, superviseIn } from '../../../test/support/isolations.ts'
import { createStdioConnector } from './stdio.ts'

const QUICK = { inputEndMs: 200, termMs: 100, killMs: 5_000 }

for (const mode of await availableIsolations()) {
  connectorContract(`the stdio connector (${mode})`, async () => {
    const { supervision, groups, ...supervised } = await superviseIn(mode)
    const open = createStdioConnector({ variables: process.env, supervision, graces: QUICK })
    return {
      ...supervised,
      open: (definition, signal) => {
        if (definition.transport !== 'stdio') throw new Error('not a definition of this contract')
        return open(definition, signal)
      },
      define: (behaviour, options) => fixtureServer('behaves', { args: [behaviour], ...options }),
      left: () => groups.left().length,
    }
  })
}
