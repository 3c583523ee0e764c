import { readFileSync } from "node:fs";
import type { UiLanguage } from "@ashchat/contracts/languages";

/** Texts of the interface by their keys (`composer.send`), so that a test looks for what a person of that language reads. */
export function textsOf(locale: UiLanguage): (key: string) => string {
  const file = new URL(`../apps/web/messages/${locale}.json`, import.meta.url);
  const catalogue: unknown = JSON.parse(readFileSync(file, "utf8"));
  return (key) => {
    let node: unknown = catalogue;
    for (const part of key.split("."))
      node = typeof node === "object" && node !== null ? Reflect.get(node, part) : undefined;
    if (typeof node !== "string") throw new Error(`${locale}.json has no text ${key}`);
    return node;
  };
}

/** A text with one placeholder as a pattern: `Translated from {language}` matches any language, a choice any of its texts. */
export function patternOf(text: string): RegExp {
  const choices = [...text.matchAll(/\{([^{}]*\{[^{}]*\}[^{}]*)\}/gu)].map(([, choice = ""]) => choice);
  return new RegExp((choices.length > 0 ? choices : [text]).map(anyPlaceholder).join("|"), "u");
}

function anyPlaceholder(text: string): string {
  const parts = text.split(/\{[^}]*\}/u).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/gu, "\\$&"));
  return parts.join(".+");
}
