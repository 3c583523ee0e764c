/** The mark: a speech bubble of ash with an ember inside. Decoration beside the name. */
export function Mark({ className = "size-9" }: { className?: string }) {
  return (
    <svg aria-hidden viewBox="7 6 50 50" className={className}>
      <path
        fill="var(--text-muted)"
        d="M32 10c-12.5 0-22 8.5-22 19.5 0 6.5 3.3 12.1 8.5 15.7-.3 2.9-1.4 5.5-3.2 7.4-.5.5-.1 1.3.6 1.2 4.8-.5 8.9-2.4 11.7-5.2 1.4.2 2.9.3 4.4.3 12.5 0 22-8.5 22-19.4S44.5 10 32 10Z"
      />
      <path
        fill="var(--accent)"
        d="M33.2 17c.8 5.2 7.6 7.8 7.6 14.6 0 5.3-3.9 9-8.8 9s-8.8-3.7-8.8-8.8c0-3.4 1.8-5.8 3.7-7.5.5-.4 1.2-.1 1.2.6.1 1.5.6 2.6 1.8 3.3.5-4.2.8-7.9 2.1-11.4.3-.7 1.1-.5 1.2.2Z"
      />
      <path
        fill="var(--surface)"
        d="M32.4 30c.3 2.1 3 3 3 5.6a3.4 3.4 0 0 1-6.8 0c0-2.6 2.8-3.5 3.2-5.6.1-.3.5-.3.6 0Z"
      />
    </svg>
  );
}
