/** A signal that aborts at Ctrl-C or SIGTERM, so that whatever was started is ended on the way out. The second one ends at once. */
export function abortOnStopSignals(): AbortSignal & Disposable {
  const controller = new AbortController()
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort(new Error(`Stopped by ${name}.`))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const dispose = () => {
    process.removeListener('SIGINT', onSignal)
    process.removeListener('SIGTERM', onSignal)
  }
  return Object.assign(controller.signal, { [Symbol.dispose]: dispose })
}
