"use client";

import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import { useTranslations } from "next-intl";
import { LinkButton } from "../../components/ui/button";
import { useRegionalLocale } from "../../i18n/regional-locale";
import { outboxStatus } from "../../realtime/message-status";
import type { OutboxEntry } from "../../realtime/state";
import { Bubble, BubbleBody, BubbleLine, BubbleMeta } from "./bubble";
import { clockTime } from "./day";
import { StatusIcon } from "./status-icon";

interface PendingBubbleProps {
  entry: OutboxEntry;
  /** What the writer writes in, most probably. */
  language: Language;
  startsGroup: boolean;
  endsGroup: boolean;
  onRetry: () => void;
  onDiscard: () => void;
}

/** One's own message on its way out. */
export function PendingBubble({ entry, language, startsGroup, endsGroup, onRetry, onDiscard }: PendingBubbleProps) {
  const t = useTranslations("message");
  const errors = useTranslations("errors");
  const locale = useRegionalLocale();
  const time = clockTime(entry.createdAt, locale);
  const { state } = entry;
  const body = <BubbleBody shown={{ text: entry.text, lang: language, dir: "auto" }} />;
  return (
    <Bubble
      own
      startsGroup={startsGroup}
      endsGroup={endsGroup}
      failed={state.kind === "failed"}
      label={t("labelOwn", { time })}
    >
      {state.kind === "failed" ? body : null}
      {state.kind === "failed" ? (
        <p className="mt-1 text-sm text-danger">{errors(state.code, { max: LIMITS.messageCodePointsMax })}</p>
      ) : null}
      <BubbleLine>
        {state.kind === "failed" ? (
          <span className="flex grow gap-4 text-sm">
            <LinkButton onClick={onRetry}>{t("retry")}</LinkButton>
            <LinkButton onClick={onDiscard}>{t("discard")}</LinkButton>
          </span>
        ) : (
          body
        )}
        <BubbleMeta>
          <time dateTime={new Date(entry.createdAt).toISOString()}>{time}</time>
          <StatusIcon status={outboxStatus(entry)} at={entry.createdAt} />
        </BubbleMeta>
      </BubbleLine>
    </Bubble>
  );
}
