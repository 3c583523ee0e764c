"use client";

import type { ReactNode, RefObject } from "react";
import { Menu as AriaMenu, MenuItem as AriaMenuItem, Popover } from "react-aria-components";
import { cx } from "./cx";

export interface MenuAction {
  id: string;
  label: string;
  icon?: ReactNode;
  danger?: boolean;
  run: () => void;
}

interface MenuProps {
  label: string;
  /** The button that opened it: the menu stands beside it and gives the focus back. */
  triggerRef: RefObject<HTMLElement | null>;
  actions: readonly MenuAction[];
  onClose: () => void;
}

/** A menu of actions. Mounted = open; arrows, type-ahead, Esc and a press outside work. */
export function Menu({ label, triggerRef, actions, onClose }: MenuProps) {
  return (
    <Popover
      isOpen
      triggerRef={triggerRef}
      placement="bottom end"
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      className="animate-appear rounded-xl border border-line bg-surface p-1 shadow-panel"
    >
      <AriaMenu aria-label={label} autoFocus="first" onClose={onClose} className="min-w-44 outline-none">
        {actions.map((action) => (
          <AriaMenuItem
            key={action.id}
            id={action.id}
            textValue={action.label}
            onAction={action.run}
            className={cx(
              "flex min-h-11 items-center gap-3 rounded-lg px-3 outline-none data-focused:bg-hover pointer-fine:min-h-9",
              action.danger && "text-danger",
            )}
          >
            {action.icon}
            {action.label}
          </AriaMenuItem>
        ))}
      </AriaMenu>
    </Popover>
  );
}
