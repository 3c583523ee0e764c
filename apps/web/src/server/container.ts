import { knownProcess } from "./web-process";
import { openServices, type Services } from "./services";

/** The composition root: connects at the first call of the process, then always the same services. */
export function services(): Promise<Services> {
  const web = knownProcess();
  if (web === null) throw new Error("the web process has not been started by its instrumentation");
  web.services ??= openServices(web).then(
    (opened) => {
      web.shutdown.add("connections", "services", () => opened.close());
      return opened;
    },
    (error: unknown) => {
      // So that the next call tries again.
      web.services = null;
      throw error;
    },
  );
  return web.services;
}
