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

/** An expected failure is one sentence; anything else keeps its stack trace. */
export function describe(cause) {
  return cause instanceof SetupError ? cause.message : (cause?.stack ?? String(cause));
}
