"use client";

import type { ErrorCode } from "@ashchat/contracts/errors";
import { useTranslations } from "next-intl";
import { ConfirmDialog } from "../../components/ui/confirm-dialog";

interface DeleteDialogProps {
  onClose: () => void;
  /** Answers why it was refused, or null when it is gone. */
  onDelete: () => Promise<ErrorCode | null>;
}

/** Asks once before a message disappears for everybody: it cannot be brought back. */
export function DeleteDialog({ onClose, onDelete }: DeleteDialogProps) {
  const t = useTranslations("message");
  const app = useTranslations("app");
  const errors = useTranslations("errors");
  return (
    <ConfirmDialog
      title={t("deleteTitle")}
      closeLabel={app("close")}
      cancelLabel={app("cancel")}
      confirmLabel={t("deleteConfirm")}
      onClose={onClose}
      onConfirm={async () => {
        const refusal = await onDelete();
        return refusal === null ? null : errors(refusal, { max: 0 });
      }}
    >
      {t("deleteBody")}
    </ConfirmDialog>
  );
}
