import type { Language } from "@ashchat/contracts/languages";

/** What the people of a room read besides the language in which is written. */
export const READERS: readonly Language[] = ["de", "es", "fr", "it", "pt"];

const SUBJECTS = ["The boat", "Our neighbour", "My sister", "The old baker", "The last train", "A friend of mine"];
const DEEDS = ["leaves the harbour", "waits for us", "has forgotten the keys", "would like to come", "asks for help"];
const PLACES = ["behind the station", "near the market", "in the blue house", "at the river", "on the second floor"];
const TIMES = ["tomorrow morning", "after dinner", "at the end of the week", "when the rain is over", "before noon"];
const NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/** A sentence as long as people's are; another for every index below 9,000, and always the same one. */
export function ordinaryText(index: number): string {
  let rest = index;
  const pick = (words: readonly string[]) => {
    const word = words[rest % words.length] ?? "";
    rest = Math.floor(rest / words.length);
    return word;
  };
  return `${pick(SUBJECTS)} ${pick(DEEDS)} ${pick(PLACES)} ${pick(TIMES)}, and ${pick(NUMBERS)} of us will be there`;
}
