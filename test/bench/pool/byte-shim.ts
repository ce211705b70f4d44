import { connect } from 'node:net'

// As the byte relay, in the place of `pilot connect`: bytes go between this program's standard streams and a socket.
const [path = ''] = process.argv.slice(2)
const socket = connect(path)
process.stdin.on('data', (bytes) => socket.write(bytes))
process.stdin.once('end', () => socket.end())
socket.on('data', (bytes) => process.stdout.write(bytes))
socket.once('close', () => process.exit())
