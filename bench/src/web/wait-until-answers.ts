const DEADLINE_MS = 120_000;
const POLL_MS = 100;

/** Resolves when `url` answers with success. */
export async function waitUntilAnswers(url: string): Promise<void> {
  const until = Date.now() + DEADLINE_MS;
  while (Date.now() < until) {
    const answer = await fetch(url).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${url} did not answer in time`);
}
