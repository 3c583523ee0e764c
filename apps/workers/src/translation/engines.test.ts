import { EnvError } from "@ashchat/runtime/env";
import { expect, test } from "vitest";
import { enginesOf, type EngineEnv } from "./engines";

const clock = { now: () => 0 };

test("engines come in the order of the configuration, each once", () => {
  const env: EngineEnv = {
    TRANSLATION_ENGINES: ["libretranslate", "apertium", "libretranslate", "google"],
    LIBRETRANSLATE_URL: "http://libretranslate.example",
    APERTIUM_URL: "http://apertium.example",
    GOOGLE_CLOUD_TRANSLATE_KEY: "a-key",
  };
  expect(enginesOf(env, clock).map((engine) => engine.name)).toEqual(["libretranslate", "apertium", "google"]);
});

test("every engine that is named but not furnished is a problem, all at once", () => {
  const open = () => enginesOf({ TRANSLATION_ENGINES: ["google", "libretranslate", "apertium"] }, clock);
  expect(open).toThrow(EnvError);
  expect(open).toThrow(/GOOGLE_CLOUD_TRANSLATE_KEY[^]*LIBRETRANSLATE_URL[^]*APERTIUM_URL/u);
});
