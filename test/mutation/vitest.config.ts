import { defineConfig } from 'vitest/config'

/** Only what has to notice a mutant of the router, and the same generated cases in every run. */
export default defineConfig({
  test: {
    include: ['{worker-service/routing,shared/frames}/*.test.ts', 'shared/errors/json-rpc-error.test.ts'],
    setupFiles: ['test/mutation/fixed-seed.ts'],
    env: { PILOTLIGHT_MODEL_RUNS: '100' },
    testTimeout: 20_000,
  },
})
