"use client";

import { LIMITS } from "@ashchat/contracts/limits";
import { lineSchema } from "@ashchat/contracts/text";
import type { ProfileView } from "@ashchat/contracts/room";
import { LogOut } from "lucide-react";
import { useTranslations } from "next-intl";
import dynamic from "next/dynamic";
import { useState, type FormEvent, type ReactNode } from "react";
import { Button } from "../../components/ui/button";
import { TextField } from "../../components/ui/text-field";
import type { RoomSummary } from "../../realtime/state";
import type { RoomActions } from "./details-panel";

const ConfirmDialog = dynamic(
  () => import("../../components/ui/confirm-dialog").then((module) => module.ConfirmDialog),
  {
    ssr: false,
  },
);

interface GroupSettingsProps {
  room: RoomSummary;
  isOwner: boolean;
  actions: RoomActions;
  renderAddMember: (onFound: (person: ProfileView) => Promise<string | null>) => ReactNode;
}

/** Add, rename, leave. */
export function GroupSettings({ room, isOwner, actions, renderAddMember }: GroupSettingsProps) {
  const t = useTranslations("details");
  const app = useTranslations("app");
  const errors = useTranslations("errors");
  const [isLeaving, setLeaving] = useState(false);
  const add = async (person: ProfileView) => {
    const refusal = await actions.addMember(person.userId);
    return refusal === null ? null : errors(refusal, { max: 0 });
  };
  return (
    <>
      {renderAddMember(add)}
      {isOwner ? <RenameForm key={room.name} title={room.name} rename={actions.rename} /> : null}
      <Button variant="danger" onClick={() => setLeaving(true)}>
        <LogOut aria-hidden className="icon-directional size-5" />
        {t("leave")}
      </Button>
      {isLeaving ? (
        <ConfirmDialog
          title={t("leaveTitle")}
          closeLabel={app("close")}
          cancelLabel={app("cancel")}
          confirmLabel={t("leaveConfirm")}
          onClose={() => setLeaving(false)}
          onConfirm={async () => {
            const refusal = await actions.leave();
            return refusal === null ? null : errors(refusal, { max: 0 });
          }}
        >
          {t("leaveBody")}
        </ConfirmDialog>
      ) : null}
    </>
  );
}

const titleSchema = lineSchema(LIMITS.titleCodePointsMax);

function RenameForm({ title, rename }: { title: string; rename: RoomActions["rename"] }) {
  const t = useTranslations("details");
  const group = useTranslations("newGroup");
  const errors = useTranslations("errors");
  const app = useTranslations("app");
  const [text, setText] = useState(title);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const parsed = titleSchema.safeParse(text);
    if (!parsed.success) return setProblem(group("nameProblem", { max: LIMITS.titleCodePointsMax }));
    setBusy(true);
    const refusal = await rename(parsed.data);
    setBusy(false);
    setProblem(refusal === null ? null : errors(refusal, { max: 0 }));
  }

  return (
    <form aria-label={t("rename")} className="flex items-start gap-2" onSubmit={(event) => void submit(event)}>
      <TextField
        className="min-w-0 flex-1"
        label={t("groupName")}
        value={text}
        autoComplete="off"
        error={problem}
        errorIsSpoken
        dir="auto"
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" variant="secondary" busy={busy} disabled={text === title} className="mt-[1.625rem]">
        {app("save")}
      </Button>
    </form>
  );
}
