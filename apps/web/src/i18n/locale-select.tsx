"use client";

import type { UiLanguage } from "@ashchat/contracts/languages";
import { Languages } from "lucide-react";
import { useChangeLocale } from "./use-change-locale";

interface LocaleSelectProps {
  label: string;
  locale: string;
  /** The catalogues, each under its native name. */
  options: readonly { value: UiLanguage; label: string }[];
}

/** A small list of the interface's languages for the corner of a page. */
export function LocaleSelect({ label, locale, options }: LocaleSelectProps) {
  const changeLocale = useChangeLocale();
  return (
    <label className="relative inline-flex items-center rounded-xl text-sm hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-focus">
      <Languages aria-hidden className="pointer-events-none absolute start-3 size-4 text-muted" />
      <span className="sr-only">{label}</span>
      <select
        value={locale}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen) changeLocale(chosen.value);
        }}
        className="min-h-11 field-sizing-content appearance-none rounded-xl bg-transparent ps-9 pe-3 text-text outline-none"
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} lang={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}
