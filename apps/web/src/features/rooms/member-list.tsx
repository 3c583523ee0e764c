"use client";

import type { ErrorCode } from "@ashchat/contracts/errors";
import type { UserId } from "@ashchat/contracts/ids";
import type { MemberView } from "@ashchat/contracts/room";
import { UserMinus } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Avatar } from "../../components/ui/avatar";
import { IconButton } from "../../components/ui/button";
import { isolated } from "../../i18n/isolated";
import { languageName } from "../../i18n/language-names";
import { useConnection, useRealtimeState } from "../../realtime/react";

const ConfirmDialog = dynamic(
  () => import("../../components/ui/confirm-dialog").then((module) => module.ConfirmDialog),
  {
    ssr: false,
  },
);

interface MemberListProps {
  members: readonly MemberView[];
  me: UserId;
  mayRemove: boolean;
  onRemove: (userId: UserId) => Promise<ErrorCode | null>;
}

export function MemberList({ members, me, mayRemove, onRemove }: MemberListProps) {
  const t = useTranslations("details");
  const app = useTranslations("app");
  const errors = useTranslations("errors");
  const locale = useLocale();
  const conversation = useTranslations("conversation");
  const presence = useRealtimeState((state) => state.presence);
  const isLive = useConnection().status === "live";
  const [leaving, setLeaving] = useState<MemberView | null>(null);
  // Oneself is no news, and without a live connection nobody knows who is there.
  const isOnline = ({ userId }: MemberView) => isLive && userId !== me && (presence.get(userId)?.online ?? false);
  return (
    <section>
      <h3 className="mb-2 text-sm font-medium text-muted">{t("members")}</h3>
      <ul aria-label={t("members")} className="flex flex-col">
        {members.map((member) => (
          <li key={member.userId} className="flex min-h-14 items-center gap-3">
            <Avatar name={member.name} seed={member.userId} online={isOnline(member)} />
            <div className="min-w-0 flex-1">
              <p className="truncate font-medium">
                {member.userId === me ? t("you") : <bdi>{member.name}</bdi>}
                {member.role === "owner" ? (
                  <span className="ms-2 text-xs font-normal text-muted">{t("owner")}</span>
                ) : null}
              </p>
              <p className="text-sm text-muted">
                {isOnline(member) ? `${conversation("online")} · ` : null}
                {t("reads", { language: languageName(member.language, locale) })}
              </p>
            </div>
            {mayRemove && member.userId !== me ? (
              <IconButton label={t("remove", { name: member.name })} onClick={() => setLeaving(member)}>
                <UserMinus aria-hidden className="size-5" />
              </IconButton>
            ) : null}
          </li>
        ))}
      </ul>
      {leaving ? (
        <ConfirmDialog
          title={t("removeTitle", { name: isolated(leaving.name) })}
          closeLabel={app("close")}
          cancelLabel={app("cancel")}
          confirmLabel={t("removeConfirm")}
          onClose={() => setLeaving(null)}
          onConfirm={async () => {
            const refusal = await onRemove(leaving.userId);
            return refusal === null ? null : errors(refusal, { max: 0 });
          }}
        >
          {t("removeBody", { name: isolated(leaving.name) })}
        </ConfirmDialog>
      ) : null}
    </section>
  );
}
