"use client";

import type { ProfileView } from "@ashchat/contracts/room";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useApi } from "../../app/providers/api";
import { InlineError } from "../../components/ui/banner";
import { Button } from "../../components/ui/button";
import { useMe } from "../../realtime/react";
import { OwnTag } from "./own-tag";
import { PersonCard } from "./person-card";
import { TagSearch } from "./tag-search";

interface FindPersonProps {
  autoFocus?: boolean;
  onOpened: (roomId: string) => void;
}

/** Finds somebody by their tag and opens the chat with them; shows one's own tag to be given away. */
export function FindPerson({ autoFocus = false, onOpened }: FindPersonProps) {
  const t = useTranslations("newChat");
  const errors = useTranslations("errors");
  const api = useApi();
  const me = useMe();
  const [person, setPerson] = useState<ProfileView | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  function found(profile: ProfileView): string | null {
    setProblem(null);
    if (profile.userId === me.profile.userId) return errors("room_with_oneself");
    setPerson(profile);
    return null;
  }

  async function start(): Promise<void> {
    if (person === null) return;
    setBusy(true);
    const answer = await api.openDirect(person.userId);
    setBusy(false);
    if (answer.ok) onOpened(answer.value.room.roomId);
    else setProblem(errors(answer.error.code, { max: 0 }));
  }

  return (
    <>
      <TagSearch
        label={t("tag")}
        submitLabel={t("find")}
        busyLabel={t("finding")}
        hint={t("tagHint")}
        autoFocus={autoFocus}
        onFound={found}
      />
      {person ? (
        <PersonCard
          person={person}
          action={
            <Button busy={busy} onClick={() => void start()} autoFocus>
              {busy ? t("starting") : t("start")}
            </Button>
          }
        />
      ) : null}
      {problem ? <InlineError>{problem}</InlineError> : null}
      <OwnTag tag={me.profile.tag} />
    </>
  );
}
