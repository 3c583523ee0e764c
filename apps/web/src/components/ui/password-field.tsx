"use client";

import { Eye, EyeOff } from "lucide-react";
import { useState, type ComponentProps, type ReactNode } from "react";
import { FIELD_CLASS, FieldFrame } from "./text-field";

interface PasswordFieldProps extends Omit<ComponentProps<"input">, "type"> {
  label: string;
  showLabel: string;
  hideLabel: string;
  hint?: ReactNode;
  error?: string | null | undefined;
}

/** A password with a button that shows what was typed; paste and password managers work. */
export function PasswordField({ label, showLabel, hideLabel, hint, error, className, ...rest }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <FieldFrame label={label} hint={hint} error={error} {...(className ? { className } : {})}>
      {(control) => (
        <span className="relative block">
          <input
            {...rest}
            {...control}
            type={shown ? "text" : "password"}
            autoCapitalize="none"
            spellCheck={false}
            className={`${FIELD_CLASS} pe-12`}
          />
          <button
            type="button"
            aria-label={shown ? hideLabel : showLabel}
            onClick={() => setShown((before) => !before)}
            className="absolute inset-y-0 end-0 flex w-11 items-center justify-center rounded-xl text-muted hover:text-text"
          >
            <Icon aria-hidden className="size-5" />
          </button>
        </span>
      )}
    </FieldFrame>
  );
}
