import { services } from "../../../../server/container";
import { handleTrpc } from "../../../../server/trpc/handler";

async function handle(request: Request): Promise<Response> {
  return handleTrpc(await services(), request);
}

export { handle as GET, handle as POST };
