import type { ComponentProps } from "react";

interface CheckboxProps extends Omit<ComponentProps<"input">, "type"> {
  label: string;
  /** BCP-47 of the label. */
  labelLang?: string;
}

export function Checkbox({ label, labelLang, ...rest }: CheckboxProps) {
  return (
    <label className="flex min-h-11 cursor-pointer items-center gap-3 rounded-xl px-2 hover:bg-hover has-disabled:opacity-60 pointer-fine:min-h-9">
      <input {...rest} type="checkbox" className="size-5 shrink-0 accent-accent" />
      <span lang={labelLang}>{label}</span>
    </label>
  );
}
