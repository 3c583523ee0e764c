"use client";

import { useTranslations } from "next-intl";
import { Dialog } from "../../components/ui/dialog";
import { FindPerson } from "./find-person";

interface NewChatDialogProps {
  onClose: () => void;
  onOpened: (roomId: string) => void;
}

export function NewChatDialog({ onClose, onOpened }: NewChatDialogProps) {
  const t = useTranslations("newChat");
  const app = useTranslations("app");
  return (
    <Dialog title={t("title")} closeLabel={app("close")} onClose={onClose}>
      <FindPerson autoFocus onOpened={onOpened} />
    </Dialog>
  );
}
