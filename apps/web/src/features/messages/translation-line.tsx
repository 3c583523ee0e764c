"use client";

import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { LinkButton } from "../../components/ui/button";
import { engineName } from "../../i18n/engine-names";
import { initialSound, languageName } from "../../i18n/language-names";
import type { TranslationLine as Line } from "./bubble-text";

interface TranslationLineProps {
  line: Line;
  /** The language in which the message was written. */
  from: string;
  /** The reader looks at the original although a translation is here. */
  showsOriginal: boolean;
  /** The engine works without the net and translates more simply: said beside its work. */
  isOfflineEngine: boolean;
  onToggle: () => void;
  onRetry: () => void;
  /** Time and status, at the end of the last line where there is room. */
  children: ReactNode;
}

/** The quiet line under a text that is not the original, or that should not be. Its height is kept from the start. */
export function TranslationLine(props: TranslationLineProps) {
  if (props.line.kind === "none") return null;
  return (
    <p className="separated-items flow-root min-h-6 text-xs leading-6 text-bubble-muted">
      <LineContent {...props} />
      {props.children}
    </p>
  );
}

function LineContent({
  line,
  from,
  showsOriginal,
  isOfflineEngine,
  onToggle,
  onRetry,
}: Omit<TranslationLineProps, "children">) {
  const t = useTranslations("message");
  const locale = useLocale();
  const language = languageName(from, locale);
  const initial = initialSound(language);
  switch (line.kind) {
    case "none":
      return null;
    case "translating":
      return <Item>{t("translating")}</Item>;
    case "unsupported":
      return <Item>{t("unsupported", { language, initial })}</Item>;
    case "failed":
      return (
        <>
          <Item>{t("failed")}</Item>
          <Item>
            <QuietButton onClick={onRetry}>{t("tryAgainToTranslate")}</QuietButton>
          </Item>
        </>
      );
    case "translated":
      return (
        <>
          <Item>{showsOriginal ? t("originalIn", { language }) : t("translatedFrom", { language, initial })}</Item>
          {line.stale ? <Item>{t("updating")}</Item> : null}
          {isOfflineEngine && !showsOriginal ? (
            <Item title={t("roughHint", { engine: engineName(line.engine) })}>{t("rough")}</Item>
          ) : null}
          <Item>
            <QuietButton onClick={onToggle}>{showsOriginal ? t("showTranslation") : t("showOriginal")}</QuietButton>
          </Item>
        </>
      );
  }
}

/** A part of the line with the separator before it: where it begins a row the separator is out of sight. */
function Item({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <span className="separated-item">
      <span aria-hidden className="separator">
        ·
      </span>
      <span {...(title === undefined ? {} : { title })}>{children}</span>
    </span>
  );
}

function QuietButton({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <LinkButton onClick={onClick} className="leading-6 text-bubble-muted hover:text-bubble-text">
      {children}
    </LinkButton>
  );
}
