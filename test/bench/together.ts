/** Resolves with what all of these resolved with. Where one fails the others are waited for first, so that nothing is still being started when what runs is ended. */
export async function together<All extends readonly unknown[]>(
  all: All,
): Promise<{ -readonly [Place in keyof All]: Awaited<All[Place]> }> {
  await Promise.allSettled(all)
  return Promise.all(all)
}
