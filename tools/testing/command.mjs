/**
 * The frame of a command that starts the product privately, judges it and closes with `N passed, N failed`: what was
 * started is stopped newest first, also after an interrupt; exit 1 when a result failed.
 *
 *   const command = openCommand("faults");
 *   await command.run(async () => { command.defer(stack.stop); return [{ title, message: null }]; }, { reportFile });
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SetupError } from "../services/process.mjs";
import { endCommands } from "../services/run.mjs";
import { buildAll } from "../setup/build.mjs";
import { ensurePackages, requireNode } from "../setup/install.mjs";
import { describe, step as timed } from "../setup/steps.mjs";
import { ROOT } from "../stack/definitions.mjs";
import { RESULTS } from "./suites.mjs";

/** A result is `{ title, message }`; a message of null is a pass. `name` is the command's, as in `npm run test:NAME`. */
export function openCommand(name) {
  const undo = [];
  let undoing = Promise.resolve();
  const interrupted = new AbortController();
  const dir = join(ROOT, ".data", `${name}-${process.pid}`);

  /** One after the other: an interrupt waits for the stopping that is under way. */
  const undoTo = (length) => {
    undoing = undoing.then(async () => {
      for (const stop of undo.splice(length).toReversed()) {
        await stop().catch((cause) => console.error(`stopping: ${describe(cause)}`));
      }
    });
    return undoing;
  };
  const interrupt = () => {
    if (interrupted.signal.aborted) return;
    console.log("\nstopping …");
    interrupted.abort(new SetupError("The run was interrupted."));
    endCommands();
    void undoTo(0).then(() => process.exit(1));
  };
  const step = (title, work) => timed(title, work, interrupted.signal);

  return {
    dir,
    signal: interrupted.signal,
    step,
    /** `stop` (may be async) is called at the end, before those that were deferred earlier. */
    defer: (stop) => void undo.push(async () => stop()),
    /** Runs `work` and stops at its end what it deferred. */
    async scope(work) {
      interrupted.signal.throwIfAborted();
      const before = undo.length;
      try {
        return await work();
      } finally {
        await undoTo(before);
      }
    },
    /** Packages and build, as a fresh clone needs them; `keep` leaves data and logs behind. */
    async prepare({ build = true, keep = false } = {}) {
      requireNode();
      const logDir = join(dir, "logs");
      mkdirSync(logDir, { recursive: true });
      undo.push(async () => keep || rmSync(dir, { recursive: true, force: true }));
      await step("packages", () => ensurePackages({ logDir }));
      if (build) await step("build", () => buildAll({ logDir }));
    },
    /** Copies the logs of a failed run to where they stay. */
    keepLogs(logDir, label) {
      const kept = join(RESULTS, "logs", `${name}-${label}`);
      cpSync(logDir, kept, { recursive: true });
      console.log(`the logs are in ${kept}`);
    },
    /** Runs the command to its closing line; `main` returns its results, what it throws counts as a failed set-up. */
    async run(main, { reportFile = () => undefined } = {}) {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, interrupt);
      const results = await Promise.resolve()
        .then(main)
        .catch((cause) => [{ title: `${name} › set-up`, message: describe(cause) }]);
      await undoTo(0);
      conclude(name, results, reportFile());
    },
  };
}

function conclude(name, results, file) {
  const failures = results.filter(({ message }) => message !== null);
  const passed = results.length - failures.length;
  for (const { title, message } of failures) console.log(`\nFAILED ${title}\n${message}`);
  if (file) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ name, passed, failures }));
  }
  // Who asked for a report counts it together with others, and closes with a line of its own.
  else console.log(`\n${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}
