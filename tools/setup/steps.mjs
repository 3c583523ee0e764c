import { SetupError } from "../services/process.mjs";

/** Says what is done and how long it took; the word that `run` returns is shown beside it. No step begins after an abort. */
export async function step(name, run, signal) {
  signal?.throwIfAborted();
  const began = Date.now();
  process.stdout.write(`· ${name} …\n`);
  const detail = await run();
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  process.stdout.write(`✓ ${name}${typeof detail === "string" ? `: ${detail}` : ""} (${seconds} s)\n`);
}

/** Runs steps at the same time and waits for all of them, also when one fails; then throws the first failure. */
export async function together(...running) {
  const failed = (await Promise.allSettled(running)).find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
}

/** An expected failure is one sentence; anything else keeps its stack trace. */
export function describe(cause) {
  return cause instanceof SetupError ? cause.message : (cause?.stack ?? String(cause));
}
