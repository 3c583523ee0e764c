import { handleAuth } from "../auth/handler";
import type { Services } from "../services";
import { handleTrpc, TRPC_PATH } from "../trpc/handler";

/** Where a request goes, as Next decides by the folders below `app/api`. */
export function route(services: Services, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith(TRPC_PATH)) return handleTrpc(services, request);
  return handleAuth(services, request, pathname.split("/").slice(3));
}
