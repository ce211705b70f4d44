import { defineConfig } from 'vitest/config'

const END_TO_END = 'test/e2e/**/*.test.ts'

// What bounds a hang: far more than anything takes, so that no test fails because a machine is slow or stands still for a while.
const WAIT_MS = 30_000

export default defineConfig({
  test: {
    restoreMocks: true,
    expect: { poll: { timeout: WAIT_MS } },
    provide: { waitMs: WAIT_MS },
    setupFiles: ['test/patient-waits.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'house',
          include: ['**/*.test.ts'],
          exclude: ['node_modules/**', 'dist/**', 'mutation-results/**', END_TO_END],
          globalSetup: ['test/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: [END_TO_END],
          globalSetup: ['test/e2e/global-setup.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          // One stack at a time, and none beside the other tests: all of them share the machine.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          // Every suite removes its containers itself, and nothing but the base image is pulled.
          env: { TESTCONTAINERS_RYUK_DISABLED: 'true' },
        },
      },
    ],
  },
})
