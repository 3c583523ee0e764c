import type { Clock } from "@ashchat/core/ports";
import { EnvError } from "@ashchat/runtime/env";
import type { translationEnvSchema } from "@ashchat/runtime/processes";
import type { Engine } from "@ashchat/translate/engine";
import { createApertium } from "@ashchat/translate/engines/apertium";
import { createGoogle } from "@ashchat/translate/engines/google";
import { createLibreTranslate } from "@ashchat/translate/engines/libretranslate";
import type * as z from "zod";

export type EngineEnv = Pick<
  z.output<typeof translationEnvSchema>,
  | "TRANSLATION_ENGINES"
  | "GOOGLE_CLOUD_PROJECT"
  | "GOOGLE_APPLICATION_CREDENTIALS"
  | "GOOGLE_CLOUD_TRANSLATE_ENDPOINT"
  | "GOOGLE_CLOUD_TRANSLATE_KEY"
  | "LIBRETRANSLATE_URL"
  | "LIBRETRANSLATE_API_KEY"
  | "APERTIUM_URL"
>;

/** The engines that the configuration names, in its order. Throws `EnvError` with a line for each that it does not furnish. */
export function enginesOf(env: EngineEnv, clock: Clock): Engine[] {
  const made = [...new Set(env.TRANSLATION_ENGINES)].map((name) => engineOf(name, env, clock));
  const problems = made.filter((engine) => typeof engine === "string");
  if (problems.length > 0) throw new EnvError(problems);
  return made.filter((engine) => typeof engine !== "string");
}

/** The engine, or what is missing for it. */
function engineOf(name: EngineEnv["TRANSLATION_ENGINES"][number], env: EngineEnv, clock: Clock): Engine | string {
  switch (name) {
    case "google":
      return googleOf(env);
    case "libretranslate":
      return env.LIBRETRANSLATE_URL === undefined
        ? "LIBRETRANSLATE_URL: is required, because TRANSLATION_ENGINES names libretranslate"
        : createLibreTranslate({ url: env.LIBRETRANSLATE_URL, apiKey: env.LIBRETRANSLATE_API_KEY ?? null });
    case "apertium":
      return env.APERTIUM_URL === undefined
        ? "APERTIUM_URL: is required, because TRANSLATION_ENGINES names apertium"
        : createApertium({ url: env.APERTIUM_URL, clock });
  }
}

function googleOf(env: EngineEnv): Engine | string {
  if (env.GOOGLE_CLOUD_TRANSLATE_KEY === undefined && env.GOOGLE_APPLICATION_CREDENTIALS === undefined) {
    return "GOOGLE_CLOUD_TRANSLATE_KEY or GOOGLE_APPLICATION_CREDENTIALS: one is required, because TRANSLATION_ENGINES names google";
  }
  return createGoogle({
    key: env.GOOGLE_CLOUD_TRANSLATE_KEY ?? null,
    projectId: env.GOOGLE_CLOUD_PROJECT ?? null,
    endpoint: env.GOOGLE_CLOUD_TRANSLATE_ENDPOINT ?? null,
  });
}
