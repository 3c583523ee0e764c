import { handleAuth } from "../../../../server/auth/handler";
import { services } from "../../../../server/container";

interface RouteContext {
  params: Promise<{ nextauth: string[] }>;
}

async function handle(request: Request, context: RouteContext): Promise<Response> {
  const { nextauth } = await context.params;
  return handleAuth(await services(), request, nextauth);
}

export { handle as GET, handle as POST };
