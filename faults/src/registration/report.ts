/** A figure of the programme, for the one who runs it. */
export function note(line: string): void {
  process.stdout.write(`  ${line}\n`);
}
