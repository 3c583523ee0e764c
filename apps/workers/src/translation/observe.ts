import type { Metrics } from "@ashchat/runtime/metrics";
import type { TranslatorEvent } from "@ashchat/translate/translator";

const MS_PER_SECOND = 1_000;

/** Turns what the translator tells into metrics. */
export function observeTranslator(metrics: Metrics): (event: TranslatorEvent) => void {
  const calls = metrics.counter("translation_engine_calls_total", "Requests to engines", ["engine", "outcome"]);
  const sent = metrics.counter("translation_engine_code_points_total", "Code points sent to engines: what they cost", [
    "engine",
  ]);
  const seconds = metrics.histogram("translation_engine_seconds", "How long engines take", { labels: ["engine"] });
  const ready = metrics.gauge("translation_engine_ready", "1 while the engine says what it can do", ["engine"]);
  const looks = metrics.counter("translation_cache_total", "Looks into the cache", ["result"]);
  return (event) => {
    switch (event.kind) {
      case "call":
        calls.inc({ engine: event.engine, outcome: event.outcome });
        sent.inc({ engine: event.engine }, event.codePoints);
        seconds.observe({ engine: event.engine }, event.durationMs / MS_PER_SECOND);
        return;
      case "support":
        ready.set({ engine: event.engine }, event.outcome === "ok" ? 1 : 0);
        return;
      case "cache":
        looks.inc({ result: "hit" }, event.hits);
        looks.inc({ result: "miss" }, event.misses);
    }
  };
}
