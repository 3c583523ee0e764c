import { parseEnv } from "@ashchat/runtime/env";
import { webEnvSchema } from "@ashchat/runtime/processes";
import type * as z from "zod";

export type WebEnv = z.output<typeof webEnvSchema>;

/**
 * The environment of the web process; throws `EnvError` with every problem. Next's own server sets NODE_ENV to production
 * whatever the installation is, so whoever starts it may say in ASHCHAT_ENV what it is.
 */
export function readWebEnv(): WebEnv {
  // oxlint-disable-next-line no-restricted-properties -- the one variable of Next's that must be replaced before parsing
  const source = process.env;
  return parseEnv(webEnvSchema, { ...source, NODE_ENV: source["ASHCHAT_ENV"] ?? source["NODE_ENV"] });
}

/** Whether browsers reach this installation over https, which decides about cookies and some headers. */
export function isSecure({ PUBLIC_URL }: Pick<WebEnv, "PUBLIC_URL">): boolean {
  return new URL(PUBLIC_URL).protocol === "https:";
}
