import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Note } from "./taps";

/** What each file below the folders holds that a process writes for whoever looks after it. */
export function readLogs(folders: readonly string[]): Note[] {
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap(filesBelow)
    .map((file) => ({
      place: file,
      content: readFileSync(file, "utf8"),
    }));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path);
    return name.includes(".log") ? [path] : [];
  });
}
