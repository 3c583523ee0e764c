"use client";

import type { ErrorCode } from "@ashchat/contracts/errors";
import type { UserId } from "@ashchat/contracts/ids";
import type { MemberView, ProfileView } from "@ashchat/contracts/room";
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { QueryScope } from "../../app/providers/query-scope";
import { useTRPC } from "../../app/providers/trpc";
import { Avatar } from "../../components/ui/avatar";
import { IconButton } from "../../components/ui/button";
import { CopyButton } from "../../components/ui/copy-button";
import { nativeName } from "../../i18n/language-names";
import { useMe } from "../../realtime/react";
import type { RoomSummary } from "../../realtime/state";
import { GroupSettings } from "./group-settings";
import { MemberList } from "./member-list";

export interface RoomActions {
  rename: (title: string) => Promise<ErrorCode | null>;
  addMember: (userId: UserId) => Promise<ErrorCode | null>;
  removeMember: (userId: UserId) => Promise<ErrorCode | null>;
  leave: () => Promise<ErrorCode | null>;
}

interface DetailsPanelProps {
  room: RoomSummary;
  actions: RoomActions;
  /** Finds somebody to add; calls back with the person. */
  renderAddMember: (onFound: (person: ProfileView) => Promise<string | null>) => ReactNode;
  onClose: () => void;
}

/** Who is in this room, and what one may change about it. */
export function DetailsPanel({ room, actions, renderAddMember, onClose }: DetailsPanelProps) {
  const t = useTranslations("details");
  const app = useTranslations("app");
  const me = useMe();
  const own = room.members.find((member) => member.userId === me.profile.userId);
  const isOwner = own?.role === "owner";
  const other = room.members.find((member) => member.userId === room.other);
  return (
    <aside
      aria-label={t("title")}
      className="safe-block-start safe-block-end absolute inset-0 z-10 flex flex-col overflow-y-auto bg-surface details:static details:w-84 details:shrink-0 details:border-s details:border-line"
    >
      <div className="flex min-h-16 items-center justify-between px-4">
        <h2 className="text-lg font-semibold">{t("title")}</h2>
        <IconButton label={app("close")} onClick={onClose} className="-me-2">
          <X aria-hidden className="size-5" />
        </IconButton>
      </div>
      <div className="flex flex-col gap-6 px-4 pb-8">
        <div className="flex flex-col items-center gap-2 text-center">
          <Avatar name={room.name} seed={room.other ?? room.roomId} size="lg" />
          <p className="max-w-full text-lg font-semibold wrap-anywhere">
            <bdi>{room.name}</bdi>
          </p>
        </div>
        {other ? (
          <QueryScope>
            <PersonFacts person={other} />
          </QueryScope>
        ) : null}
        {room.kind === "group" ? (
          <>
            <MemberList
              members={room.members}
              me={me.profile.userId}
              mayRemove={isOwner}
              onRemove={actions.removeMember}
            />
            <GroupSettings room={room} isOwner={isOwner} actions={actions} renderAddMember={renderAddMember} />
          </>
        ) : null}
      </div>
    </aside>
  );
}

function PersonFacts({ person }: { person: MemberView }) {
  const t = useTranslations("details");
  const chat = useTranslations("newChat");
  const trpc = useTRPC();
  const { data } = useQuery(trpc.contact.findByTag.queryOptions({ tag: person.tag }));
  return (
    <dl className="flex flex-col gap-4">
      {data?.about ? (
        <div>
          <dt className="text-sm text-muted">{t("about")}</dt>
          <dd dir="auto" className="wrap-anywhere whitespace-pre-wrap">
            {data.about}
          </dd>
        </div>
      ) : null}
      <div>
        <dt className="text-sm text-muted">{t("tag")}</dt>
        <dd className="flex flex-wrap items-center justify-between gap-2">
          <span dir="ltr" translate="no" className="font-medium select-all">
            {person.tag}
          </span>
          <CopyButton text={person.tag} label={chat("copy")} copiedLabel={chat("copied")} />
        </dd>
      </div>
      <div>
        <dt className="text-sm text-muted">{t("languageLabel")}</dt>
        <dd lang={person.language}>{nativeName(person.language)}</dd>
      </div>
    </dl>
  );
}
