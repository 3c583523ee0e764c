import { ratiosOf, spreadOf, spreadText } from "../stats";

/** What one round of one target showed: figures by name, and what must not be. */
export interface Figures {
  figures: Readonly<Record<string, number>>;
  /** Messages that never came or came twice, sockets that were lost. Any makes the run worthless. */
  flaws: number;
}

/** A figure as it is printed; the ratio to the peers as well where it says something. */
interface Column {
  name: string;
  unit: string;
  digits: number;
  ratio: boolean;
}

export interface Rounds<Name extends string> {
  title: string;
  /** Ours first. */
  names: readonly Name[];
  rounds: number;
  columns: readonly Column[];
  run(name: Name): Promise<Figures>;
}

/** Ours and the first peer are enough to see that a command works. */
export function shownIn<Name extends string>({ smoke }: { smoke: boolean }, names: readonly Name[]): readonly Name[] {
  return smoke ? names.slice(0, 2) : names;
}

/** Interleaved rounds of every target, printed: each figure's median and spread, and its ratio to each peer's. */
export async function runRounds<Name extends string>(options: Rounds<Name>): Promise<void> {
  const { title, names, columns } = options;
  const results = new Map<Name, Figures[]>(names.map((name) => [name, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const name of names) results.get(name)?.push(await options.run(name));
  }
  console.log(`\n${title}`);
  const [ours, ...peers] = names;
  if (ours === undefined) return;
  for (const name of names) printTarget(name, results.get(name) ?? [], columns);
  for (const peer of peers) printRatios({ ours, peer }, results, columns);
}

function printTarget(name: string, rounds: readonly Figures[], columns: readonly Column[]): void {
  const flaws = rounds.reduce((sum, round) => sum + round.flaws, 0);
  const cells = columns.map(
    (column) => `${spreadText(spreadOf(valuesOf(rounds, column)), column.digits)} ${column.unit}`,
  );
  console.log(`  ${name}: ${cells.join(", ")}, lost or repeated ${flaws}`);
  if (flaws > 0) process.exitCode = 1;
}

function printRatios<Name extends string>(
  { ours, peer }: { ours: Name; peer: Name },
  results: ReadonlyMap<Name, readonly Figures[]>,
  columns: readonly Column[],
): void {
  const cells = columns.flatMap((column) => {
    if (!column.ratio) return [];
    const pairs = ratiosOf(valuesOf(results.get(ours) ?? [], column), valuesOf(results.get(peer) ?? [], column));
    return [`${spreadText(pairs, 2)}x ${column.name}`];
  });
  console.log(`    ${ours} beside ${peer}: ${cells.join(", ")}`);
}

function valuesOf(rounds: readonly Figures[], { name }: Column): number[] {
  return rounds.map(({ figures }) => figures[name] ?? Number.NaN);
}
