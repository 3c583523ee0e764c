import * as z from "zod";
import { port, processEnv, secret } from "../env";
import { runProcess } from "../process";

/** A process for the tests of `runProcess`; SAMPLE_MODE says how it misbehaves. */
await runProcess({
  name: "sample",
  envSchema: processEnv({
    SAMPLE_MODE: z.enum(["good", "stuck", "rejection", "exception", "no-start", "down"]).default("good"),
    SAMPLE_SECRET: secret(),
    SAMPLE_INTERNAL_PORT: port(0),
  }),
  internalPort: (env) => env.SAMPLE_INTERNAL_PORT,
  start: async ({ env, log, shutdown }) => {
    const mode = env.SAMPLE_MODE;
    if (mode === "no-start") throw new Error("cannot start");
    if (mode === "rejection") setTimeout(() => void Promise.reject(new Error("nobody waits for me")), 1);
    if (mode === "exception") {
      setTimeout(() => {
        throw new Error("nobody catches me");
      }, 1);
    }
    const keepAlive = setInterval(() => undefined, 1_000);
    shutdown.add("connections", "database", () => log.info("closed database"));
    return {
      checks: { database: async () => ({ ok: mode !== "down", detail: "SampleDB 1.0" }) },
      close: async () => {
        clearInterval(keepAlive);
        if (mode === "stuck") await new Promise(() => undefined);
        log.info("closed sample");
      },
    };
  },
});
