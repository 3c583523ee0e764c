"use client";

import { createGroupInputSchema } from "@ashchat/contracts/api";
import { LIMITS } from "@ashchat/contracts/limits";
import type { ProfileView } from "@ashchat/contracts/room";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useApi } from "../../app/providers/api";
import { InlineError } from "../../components/ui/banner";
import { Button, IconButton } from "../../components/ui/button";
import { Dialog } from "../../components/ui/dialog";
import { TextField } from "../../components/ui/text-field";
import { isolated } from "../../i18n/isolated";
import { useMe } from "../../realtime/react";
import { PersonCard } from "./person-card";
import { TagSearch } from "./tag-search";

interface NewGroupDialogProps {
  onClose: () => void;
  onOpened: (roomId: string) => void;
}

/** Makes a group: a title and, now or later, the people in it. */
export function NewGroupDialog({ onClose, onOpened }: NewGroupDialogProps) {
  const t = useTranslations("newGroup");
  const app = useTranslations("app");
  const errors = useTranslations("errors");
  const chat = useTranslations("newChat");
  const api = useApi();
  const me = useMe();
  const [title, setTitle] = useState("");
  const [members, setMembers] = useState<readonly ProfileView[]>([]);
  const [titleProblem, setTitleProblem] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  function add(person: ProfileView): string | null {
    if (person.userId === me.profile.userId || members.some((member) => member.userId === person.userId)) {
      return t("alreadyAdded", { name: isolated(person.name) });
    }
    setMembers([...members, person]);
    return null;
  }

  async function create(): Promise<void> {
    const input = createGroupInputSchema.safeParse({ title, userIds: members.map((member) => member.userId) });
    if (!input.success) return setTitleProblem(t("nameProblem", { max: LIMITS.titleCodePointsMax }));
    setBusy(true);
    const answer = await api.createGroup(input.data);
    setBusy(false);
    if (answer.ok) onOpened(answer.value.room.roomId);
    else setProblem(errors(answer.error.code, { max: 0 }));
  }

  return (
    <Dialog title={t("title")} closeLabel={app("close")} onClose={onClose}>
      <TextField
        label={t("name")}
        value={title}
        autoFocus
        autoComplete="off"
        error={titleProblem}
        errorIsSpoken
        dir="auto"
        onChange={(event) => {
          setTitle(event.target.value);
          setTitleProblem(null);
        }}
      />
      <TagSearch label={t("addTag")} submitLabel={t("add")} busyLabel={chat("finding")} onFound={add} />
      {members.length === 0 ? (
        <p className="text-sm text-muted">{t("noMembers")}</p>
      ) : (
        <ul aria-label={t("members")} className="flex flex-col gap-2">
          {members.map((member) => (
            <li key={member.userId}>
              <PersonCard
                person={member}
                action={
                  <IconButton
                    label={t("removeMember", { name: member.name })}
                    onClick={() => setMembers(members.filter((other) => other !== member))}
                  >
                    <X aria-hidden className="size-5" />
                  </IconButton>
                }
              />
            </li>
          ))}
        </ul>
      )}
      {problem ? <InlineError>{problem}</InlineError> : null}
      <Button busy={busy} onClick={() => void create()}>
        {busy ? t("creating") : t("create")}
      </Button>
    </Dialog>
  );
}
