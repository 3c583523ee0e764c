import type { Instrumentation } from "next";

/** Called by Next once per server process, before the first request. */
export async function register(): Promise<void> {
  // oxlint-disable-next-line no-restricted-properties -- set by Next: this file is compiled for several runtimes
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { startWeb } = await import("./server/start");
  await startWeb();
}

/** Called by Next for what a page or route threw. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  // oxlint-disable-next-line no-restricted-properties -- as above
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { logRequestError } = await import("./server/start");
  logRequestError(error, { method: request.method, route: context.routePath, type: context.routeType });
};
