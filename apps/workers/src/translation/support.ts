import type { TranslationSupport } from "@ashchat/contracts/api";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import { startTurns, type Turns } from "@ashchat/core/turns";
import type { Outcome } from "@ashchat/core/ports";
import type { Translator } from "@ashchat/translate/translator";

export interface SupportDeps {
  readonly translator: Pick<Translator, "refresh" | "support">;
  readonly support: { putSupport(support: TranslationSupport): Outcome<void> };
  readonly onError: (error: unknown) => void;
}

/** Asks the engines at once and then every LIMITS.engineSupportRefreshMs what they can do, and lets the house know. */
export function startSupport(deps: SupportDeps): Turns {
  /** Ends the waiting for engines: one that hangs takes longer than a process that ends has. */
  const letGo = new Set<() => void>();
  let isClosing = false;
  const turn = async (): Outcome<void> => {
    let end = () => undefined as void;
    const given = new Promise<void>((resolve) => {
      end = resolve;
    });
    letGo.add(end);
    await Promise.race([deps.translator.refresh(), given]).finally(() => letGo.delete(end));
    return isClosing ? ok(undefined) : deps.support.putSupport(deps.translator.support());
  };
  const first = turn().then((put) => (put.ok ? undefined : deps.onError(put.error)), deps.onError);
  const turns = startTurns({ turn, intervalMs: LIMITS.engineSupportRefreshMs, onError: deps.onError });
  return {
    async close() {
      isClosing = true;
      for (const end of letGo) end();
      await Promise.all([first, turns.close()]);
    },
  };
}

/** For /readyz: which engines answer. Without any the process stands, but what it is for does not. */
export function engineReadiness(support: TranslationSupport): { ok: boolean; detail: string } {
  const detail = support.engines.map(({ name, ready }) => `${name} ${ready ? "ready" : "not ready"}`).join(", ");
  return { ok: support.engines.some((engine) => engine.ready), detail };
}
