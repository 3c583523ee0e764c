import type { BenchOptions } from "../main";
import { measureCachedTranslation } from "../translate/cached";
import { measureEngineCalls } from "../translate/calls";
import { measureUncachedTranslation } from "../translate/uncached";

/** Rows 11, 12 and 13: translation out of a warm cache, what the engine is asked, and translation by an engine. */
export async function measureTranslate(options: BenchOptions): Promise<void> {
  await measureCachedTranslation(options);
  await measureEngineCalls(options);
  await measureUncachedTranslation(options);
}
