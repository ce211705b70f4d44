declare module 'fs-native-extensions' {
  /** Locks `length` bytes from `offset` for this open file alone; false where another holds any of them. Closing the file unlocks. */
  export function tryLock(fd: number, offset: number, length: number): boolean
}
