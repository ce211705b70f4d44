import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import type { JsonValue } from '@bufbuild/protobuf'
import { expect, it, vi } from 'vitest'
import { GrpcCaller } from '../../test/support/grpc-caller.ts'
import { LOSSLESS, ScriptedControl } from '../../test/support/scripted-control.ts'
import { startTestHttp } from '../../test/support/test-http.ts'

it('finishes calls in flight when the worker ends, ends streams, and takes nothing new', async () => {
  const control = new ScriptedControl()
  const http = await startTestHttp(control)
  using grpc = new GrpcCaller(http.grpcSocketPath)
  const told: JsonValue[] = []
  const onMessage = (message: JsonValue) => void told.push(message)
  const health = grpc.call('grpc.health.v1.Health/Watch', {}, { onMessage })
  const status = grpc.call('pilotlight.v1.Pool/WatchStatus', {}, { onMessage })
  await vi.waitFor(() => expect(told).toHaveLength(2))
  const call = grpc.call('pilotlight.v1.Pool/Execute', { server: 'a', tool: 'takes a while' })
  await vi.waitFor(() => expect(control.asked).toHaveLength(1))
  const silent = connect(http.grpcSocketPath)
  await http.close()
  expect(await call).toMatchObject({ status: 'OK', messages: [{ result: LOSSLESS }] })
  expect(await health).toMatchObject({ status: 'OK', messages: [{ status: 'SERVING' }, { status: 'NOT_SERVING' }] })
  expect((await status).status).toBe('OK')
  expect(existsSync(http.grpcSocketPath)).toBe(false)
  const late = await grpc.call('mcp_daemon.McpDaemon/Health', {}, { deadlineMs: 60_000 })
  expect(late.status).toBe('UNAVAILABLE')
  silent.destroy()
})
