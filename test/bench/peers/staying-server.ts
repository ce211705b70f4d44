import '../pool/sdk-server.ts'

// As many do that hold a connection or a timer: it does not end with its input.
setInterval(() => {}, 60_000)
