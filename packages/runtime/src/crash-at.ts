import { existsSync, readFileSync } from "node:fs";

/**
 * Deterministic crashes for tests: with `CRASH_AT=send.after_insert` the process kills itself (SIGKILL, so that nothing is
 * cleaned up) when it passes the step of that name; `send.after_insert:3` means the third time. With `CRASH_AT=@/a/file` the file
 * names the step, and no step while it does not exist: so a process that runs already can be told where to end.
 */
export type CrashPoint = (name: string) => void;

interface CrashOptions {
  readonly CRASH_AT?: string | undefined;
  readonly NODE_ENV: string;
}

export function crashPointFrom(env: CrashOptions, kill: () => void = killSelf): CrashPoint {
  if (env.CRASH_AT === undefined) return () => undefined;
  if (env.NODE_ENV === "production") throw new Error("CRASH_AT is refused in production");
  if (env.CRASH_AT.startsWith("@")) return armedBy(env.CRASH_AT.slice(1), kill);
  const [wanted = "", count = "1"] = env.CRASH_AT.split(":");
  let left = Number(count);
  return (name) => {
    if (name !== wanted) return;
    left -= 1;
    if (left === 0) kill();
  };
}

function armedBy(file: string, kill: () => void): CrashPoint {
  return (name) => {
    if (existsSync(file) && readFileSync(file, "utf8").trim() === name) kill();
  };
}

function killSelf(): void {
  process.kill(process.pid, "SIGKILL");
}
