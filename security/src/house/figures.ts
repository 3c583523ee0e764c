import type { HouseAddresses } from "./start-house";

/** A figure that a process publishes of itself, summed over its labels but for those given; 0 where it has none yet. */
export async function figureOf(
  { internalUrls }: HouseAddresses,
  process: string,
  { name, labels = {} }: { name: string; labels?: Readonly<Record<string, string>> },
): Promise<number> {
  const text = await (await fetch(`${internalUrls[process] ?? ""}/metrics`)).text();
  const lines = text
    .split("\n")
    .filter((line) => line.startsWith(`ashchat_${name}{`) || line.startsWith(`ashchat_${name} `));
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const values = lines
    .filter((line) => wanted.every((label) => line.includes(label)))
    .map((line) => Number(line.split(" ").at(-1)));
  return values.reduce((sum, value) => sum + value, 0);
}
