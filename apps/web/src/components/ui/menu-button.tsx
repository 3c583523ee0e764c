"use client";

import dynamic from "next/dynamic";
import { useRef, useState, type ReactNode } from "react";
import { IconButton } from "./button";
import type { MenuAction } from "./menu";

// The menu's code is fetched when somebody comes near the first button, not with the page.
const loadMenu = () => import("./menu").then((module) => module.Menu);
const Menu = dynamic(loadMenu, { ssr: false });

interface MenuButtonProps {
  label: string;
  actions: readonly MenuAction[];
  children: ReactNode;
  className?: string;
}

/** An icon button that opens a menu of actions. */
export function MenuButton({ label, actions, children, className }: MenuButtonProps) {
  const [open, setOpen] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  return (
    <>
      <IconButton
        ref={trigger}
        label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onPointerEnter={() => void loadMenu()}
        onFocus={() => void loadMenu()}
        onClick={() => setOpen(true)}
        {...(className ? { className } : {})}
      >
        {children}
      </IconButton>
      {open ? <Menu label={label} triggerRef={trigger} actions={actions} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
