import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { forkServer } from "../child";
import { waitUntilAnswers } from "../web/wait-until-answers";
import type { TranslationHouse } from "./house";

export interface Worker {
  stop(): Promise<void>;
}

const OURS = fileURLToPath(new URL("../../../apps/workers/dist/translation.js", import.meta.url));

/** The product's translation process, asking `engineUrl`; resolves when it says that it is ready. */
export async function startWorker(house: TranslationHouse, engineUrl: string, internalPort: number): Promise<Worker> {
  const env = {
    ...process.env,
    ...house.env,
    TRANSLATION_ENGINES: "libretranslate",
    LIBRETRANSLATE_URL: engineUrl,
    TRANSLATION_INTERNAL_PORT: String(internalPort),
  };
  const child = fork(OURS, [], { env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  await waitUntilAnswers(`http://127.0.0.1:${internalPort}/readyz`);
  return workerOf(child);
}

/** A worker as it is written first: one job at a time, one call a job. */
export async function startPrefetchOne(house: TranslationHouse, engineUrl: string): Promise<Worker> {
  const child = await forkServer("prefetch-one", [], { ...process.env, ...house.env, ENGINE_URL: engineUrl });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
  });
  return workerOf(child);
}

function workerOf(child: ChildProcess): Worker {
  // Also where the bench fails: a worker of its own outlives nobody.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  return {
    stop: () =>
      new Promise((stopped) => {
        process.off("exit", kill);
        child.once("exit", () => stopped());
        kill();
      }),
  };
}
