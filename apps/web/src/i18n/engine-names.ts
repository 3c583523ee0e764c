const ENGINE_NAMES: Readonly<Record<string, string>> = {
  apertium: "Apertium",
  google: "Google Translate",
  libretranslate: "LibreTranslate",
};

/** The name of an engine as people know it; an engine unknown here keeps its own. */
export function engineName(engine: string): string {
  const [id = engine] = engine.split(/[@/:\s]/u);
  return ENGINE_NAMES[id.toLowerCase()] ?? engine;
}
