"use client";

import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { IconButton } from "./button";

interface DialogProps {
  title: string;
  closeLabel: string;
  onClose: () => void;
  /** `alertdialog` for a question that must be answered. */
  role?: "dialog" | "alertdialog";
  children: ReactNode;
}

/** A modal window; a sheet at the bottom of a phone. Mounted = open. Esc and a press outside close it. */
export function Dialog({ title, closeLabel, onClose, role = "dialog", children }: DialogProps) {
  return (
    <ModalOverlay
      isOpen
      isDismissable={role === "dialog"}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      className="fixed inset-0 z-40 flex h-(--visual-viewport-height) animate-appear items-end justify-center bg-scrim wide:items-center wide:p-6"
    >
      <Modal className="safe-block-end max-h-[90%] w-full overflow-y-auto rounded-t-2xl border border-line bg-surface shadow-panel wide:max-w-md wide:rounded-2xl">
        <AriaDialog role={role} className="flex flex-col gap-4 p-5 outline-none">
          <div className="flex items-center justify-between gap-2">
            <Heading slot="title" className="text-lg font-semibold">
              {title}
            </Heading>
            <IconButton label={closeLabel} onClick={onClose} className="-me-2">
              <X aria-hidden className="size-5" />
            </IconButton>
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
