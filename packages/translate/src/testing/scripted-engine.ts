import type { Language } from "@ashchat/contracts/languages";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import {
  engineFailure,
  type Engine,
  type EngineFailure,
  type EngineFailureReason,
  type TranslateRequest,
} from "../engine";
import { pretendTranslation } from "./engine-server";

type Script = (request: TranslateRequest) => Promise<Result<readonly string[], EngineFailure>>;

export interface ScriptedEngine extends Engine {
  readonly requests: TranslateRequest[];
  /** From now on. */
  answer(script: Script): void;
  offer(languages: readonly Language[] | EngineFailureReason): void;
}

/** An engine inside the test that does what it is told; by default what `pretendTranslation` says. */
export function createScriptedEngine(
  name: string,
  languages: readonly Language[] = ["en", "es", "fr"],
): ScriptedEngine {
  const requests: TranslateRequest[] = [];
  let script: Script = honest;
  let offered: readonly Language[] | EngineFailureReason = languages;
  return {
    name,
    version: "1",
    offline: true,
    requests,
    answer(next) {
      script = next;
    },
    offer(next) {
      offered = next;
    },
    async supports() {
      if (typeof offered === "string") return fail(engineFailure(offered, "as told"));
      const all = offered;
      return ok(all.flatMap((from) => all.filter((to) => to !== from).map((to) => ({ from, to }))));
    },
    async translate(request) {
      requests.push(request);
      return script(request);
    },
  };
}

export const honest: Script = async ({ texts, to }) => ok(texts.map((text) => pretendTranslation(text, to)));

export const failing =
  (reason: EngineFailureReason): Script =>
  async () =>
    fail(engineFailure(reason, "as told"));

/** Answers each text by itself. */
export const each =
  (translate: (text: string) => string): Script =>
  async ({ texts }) =>
    ok(texts.map(translate));
