import { ChevronDown } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx";
import { FIELD_CLASS, FieldFrame } from "./text-field";

export interface Option {
  value: string;
  label: string;
  /** BCP-47: the language in which the label itself is written. */
  lang?: string;
}

interface SelectProps extends ComponentProps<"select"> {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  options: readonly Option[];
}

/** The platform's own list: type-ahead, wheels on phones and screen readers come with it. */
export function Select({ label, hint, error, options, className, ...rest }: SelectProps) {
  return (
    <FieldFrame label={label} hint={hint} error={error} {...(className ? { className } : {})}>
      {(control) => (
        <span className="relative block">
          <select {...rest} {...control} className={cx(FIELD_CLASS, "appearance-none pe-10")}>
            {options.map((option) => (
              <option key={option.value} value={option.value} lang={option.lang}>
                {option.label}
              </option>
            ))}
          </select>
          <ChevronDown
            aria-hidden
            className="pointer-events-none absolute inset-y-0 end-3 my-auto size-4.5 text-muted"
          />
        </span>
      )}
    </FieldFrame>
  );
}
