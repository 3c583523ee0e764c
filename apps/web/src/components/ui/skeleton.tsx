import { cx } from "./cx";

/** A grey stand-in. Appears only after 150 ms, so that quick answers do not flicker. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx("block animate-late rounded-lg bg-sunken", className)} />;
}

interface SkeletonListProps {
  rows: number;
  /** What is being loaded. */
  label: string;
}

/** Rows with a round avatar and two lines. */
export function SkeletonList({ rows, label }: SkeletonListProps) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-1 p-2">
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className="flex items-center gap-3 p-2">
          <Skeleton className="size-11 rounded-full" />
          <span className="flex flex-1 flex-col gap-2">
            <Skeleton className="h-3.5 w-2/5" />
            <Skeleton className="h-3.5 w-4/5" />
          </span>
        </span>
      ))}
    </div>
  );
}
