import { initTRPC } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";

const t = initTRPC.create();
/** The least that a procedure can do: what remains is Next and tRPC. */
const router = t.router({ noop: t.procedure.mutation(() => null) });

export function POST(req: Request): Promise<Response> {
  return fetchRequestHandler({ endpoint: "/api/trpc", req, router });
}
