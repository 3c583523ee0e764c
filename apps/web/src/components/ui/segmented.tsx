import { useId } from "react";
import type { Option } from "./select";

interface SegmentedProps<Value extends string> {
  label: string;
  options: readonly (Option & { value: Value })[];
  value: Value;
  onChange: (value: Value) => void;
}

/** One choice of a few, all in sight: radio buttons drawn as a bar. */
export function Segmented<Value extends string>({ label, options, value, onChange }: SegmentedProps<Value>) {
  const name = useId();
  return (
    <fieldset className="flex gap-1 rounded-xl bg-sunken p-1">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className="relative flex min-h-9 flex-1 cursor-pointer items-center justify-center rounded-lg border border-transparent px-3 text-sm font-medium text-muted transition-colors duration-150 hover:text-text has-checked:border-line has-checked:bg-surface has-checked:text-text has-focus-visible:outline-2 has-focus-visible:outline-focus pointer-coarse:min-h-11 forced-colors:has-checked:bg-[Highlight] forced-colors:has-checked:text-[HighlightText] forced-colors:has-checked:forced-color-adjust-none"
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="absolute inset-0 cursor-pointer opacity-0"
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
