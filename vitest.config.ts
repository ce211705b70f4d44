import { defineConfig } from 'vitest/config'

const END_TO_END = 'test/e2e/**/*.test.ts'

export default defineConfig({
  test: {
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'house',
          include: ['**/*.test.ts'],
          exclude: ['node_modules/**', 'dist/**', 'mutation-results/**', END_TO_END],
          globalSetup: ['test/global-setup.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: [END_TO_END],
          globalSetup: ['test/e2e/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
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
