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
    <p className="flow-root min-h-6 text-xs leading-6 text-bubble-muted">
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
      return <span>{t("translating")}</span>;
    case "unsupported":
      return <span>{t("unsupported", { language, initial })}</span>;
    case "failed":
      return (
        <>
          <span>{t("failed")}</span>
          <Dot />
          <QuietButton onClick={onRetry}>{t("tryAgainToTranslate")}</QuietButton>
        </>
      );
    case "translated":
      return (
        <>
          <span>{showsOriginal ? t("originalIn", { language }) : t("translatedFrom", { language, initial })}</span>
          {line.stale ? (
            <>
              <Dot />
              <span>{t("updating")}</span>
            </>
          ) : null}
          {isOfflineEngine && !showsOriginal ? (
            <>
              <Dot />
              <span title={t("roughHint", { engine: engineName(line.engine) })}>{t("rough")}</span>
            </>
          ) : null}
          <Dot />
          <QuietButton onClick={onToggle}>{showsOriginal ? t("showTranslation") : t("showOriginal")}</QuietButton>
        </>
      );
  }
}

function Dot() {
  return <span aria-hidden> · </span>;
}

function QuietButton({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <LinkButton onClick={onClick} className="leading-6 text-bubble-muted hover:text-bubble-text">
      {children}
    </LinkButton>
  );
}
