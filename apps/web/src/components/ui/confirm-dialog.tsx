"use client";

import { useState, type ReactNode } from "react";
import { InlineError } from "./banner";
import { Button } from "./button";
import { Dialog } from "./dialog";

interface ConfirmDialogProps {
  title: string;
  closeLabel: string;
  cancelLabel: string;
  confirmLabel: string;
  onClose: () => void;
  /** Answers what went wrong, in words, or null when it is done: the dialog then closes. */
  onConfirm: () => Promise<string | null>;
  children: ReactNode;
}

/** A question before something that cannot be undone. */
export function ConfirmDialog({
  title,
  closeLabel,
  cancelLabel,
  confirmLabel,
  onClose,
  onConfirm,
  children,
}: ConfirmDialogProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function confirm(): Promise<void> {
    setBusy(true);
    const answer = await onConfirm();
    setBusy(false);
    setProblem(answer);
    if (answer === null) onClose();
  }

  return (
    <Dialog role="alertdialog" title={title} closeLabel={closeLabel} onClose={onClose}>
      <p className="text-muted">{children}</p>
      {problem ? <InlineError>{problem}</InlineError> : null}
      <div className="flex flex-wrap justify-end gap-2">
        <Button variant="secondary" onClick={onClose} autoFocus>
          {cancelLabel}
        </Button>
        <Button variant="danger" busy={busy} onClick={() => void confirm()}>
          {confirmLabel}
        </Button>
      </div>
    </Dialog>
  );
}
