import { useId, type ComponentProps, type ReactNode } from "react";
import { cx } from "./cx";

export const FIELD_CLASS =
  "w-full min-h-11 rounded-xl border border-line-strong bg-surface px-3.5 text-base text-text " +
  "placeholder:text-muted aria-invalid:border-danger focus-visible:outline-offset-0";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  /** Said aloud when it appears: for errors that do not bring the focus to the field. Never both, or it is heard twice. */
  errorIsSpoken?: boolean;
  className?: string;
}

interface FrameProps extends FieldProps {
  children: (control: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": true | undefined;
  }) => ReactNode;
}

/** Label, control, hint or error, tied together for assistive technology. */
export function FieldFrame({ label, hint, error, errorIsSpoken = false, className, children }: FrameProps) {
  const id = useId();
  // An error says what to do, so it takes the place of the hint.
  const noteId = error || hint ? `${id}-note` : undefined;
  return (
    <div className={cx("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({ id, "aria-describedby": noteId, "aria-invalid": error ? true : undefined })}
      {noteId ? (
        <p
          id={noteId}
          role={error && errorIsSpoken ? "alert" : undefined}
          className={cx("text-sm", error ? "text-danger" : "text-muted")}
        >
          {error || hint}
        </p>
      ) : null}
    </div>
  );
}

export function TextField({
  label,
  hint,
  error,
  errorIsSpoken = false,
  className,
  ...rest
}: FieldProps & ComponentProps<"input">) {
  return (
    <FieldFrame
      label={label}
      hint={hint}
      error={error}
      errorIsSpoken={errorIsSpoken}
      {...(className ? { className } : {})}
    >
      {(control) => <input {...rest} {...control} className={FIELD_CLASS} />}
    </FieldFrame>
  );
}

export function TextArea({ label, hint, error, className, ...rest }: FieldProps & ComponentProps<"textarea">) {
  return (
    <FieldFrame label={label} hint={hint} error={error} {...(className ? { className } : {})}>
      {(control) => <textarea rows={3} {...rest} {...control} className={cx(FIELD_CLASS, "py-2.5")} />}
    </FieldFrame>
  );
}
