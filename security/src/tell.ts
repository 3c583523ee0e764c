/** Prints a figure of an attack, for docs/security.md. */
export function tell(line: string): void {
  process.stdout.write(`  ${line}\n`);
}
