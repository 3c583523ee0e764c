/** An operation did not answer in time; whether it has happened is unknown. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/**
 * The promise's own result, or a rejection with `TimeoutError` after `timeoutMs`. The operation itself goes on: its late
 * result is dropped, and its late failure is no unhandled rejection.
 */
export async function withTimeout<Value>(promise: Promise<Value>, timeoutMs: number, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`${what} took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
