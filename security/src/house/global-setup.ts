import type { TestProject } from "vitest/node";
import { startPayloadEngine } from "./payload-engine";
import { startHouse, type HouseAddresses } from "./start-house";

declare module "vitest" {
  export interface ProvidedContext {
    house: HouseAddresses;
  }
}

/** Starts the built processes once for all files; each file gets their addresses by `inject("house")`. */
// oxlint-disable-next-line import/no-default-export -- vitest calls the default export
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = await startPayloadEngine();
  const house = await startHouse({
    env: {
      TRANSLATION_ENGINES: "libretranslate",
      LIBRETRANSLATE_URL: engine.url,
      // As in production, where only these two are reached from elsewhere.
      WEB_HOST: "0.0.0.0",
      REALTIME_HOST: "0.0.0.0",
    },
  }).catch(async (cause: unknown) => {
    await engine.close();
    throw cause;
  });
  project.provide("house", house.addresses);
  return async () => {
    await house.close();
    await engine.close();
  };
}
