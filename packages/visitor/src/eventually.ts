const POLL_MS = 50;

/** Polls until `look` returns something other than null; throws, naming `what`, after `deadlineMs`. */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value | null> | Value | null,
  deadlineMs: number,
): Promise<Value> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const value = await look();
    if (value !== null) return value;
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
