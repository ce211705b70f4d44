/**
 * How a worker runs: in the `foreground` for whoever started it and looks after it; in the `background`, because somebody asked for it;
 * or there `on-demand`, because a program needed it, which the configuration may forbid.
 */
export type WorkerMode = 'foreground' | 'background' | 'on-demand'

/** The mode that a worker was told as its last argument; in the foreground where it was told none. */
export function readWorkerMode(args: readonly string[]): WorkerMode {
  const told = args.at(-1)
  return told === 'background' || told === 'on-demand' ? told : 'foreground'
}
