import type { SessionCaller } from "@ashchat/core/ports";
import { initTRPC } from "@trpc/server";
import type { RequestContext } from "./context";
import { appErrorOf, publicFailure, unwrap } from "./errors";

const t = initTRPC.context<RequestContext>().create({
  isDev: false,
  errorFormatter: ({ shape, error }) => {
    const failure = appErrorOf(error);
    return {
      code: shape.code,
      message: failure.code,
      data: {
        code: shape.data.code,
        httpStatus: shape.data.httpStatus,
        ...(shape.data.path === undefined ? {} : { path: shape.data.path }),
        ...publicFailure(failure),
      },
    };
  },
});

export const { router } = t;

/** For everybody; counted by network, once per call and not once per request. */
export const publicProcedure = t.procedure.use(async ({ ctx, next }) => {
  unwrap(await ctx.services.redis.limits.procedure({ ip: ctx.address }));
  return next();
});

/** For people with a live session: `sessions` is asked at every request, so that a revocation cuts at once. */
export const protectedProcedure = t.procedure.use(async ({ ctx, next }) => {
  const session = await ctx.session();
  // Who is nobody is counted by network, like every stranger.
  if (!session.ok) unwrap(await ctx.services.redis.limits.procedure({ ip: ctx.address }));
  const { userId, sessionId } = unwrap(session);
  unwrap(await ctx.services.redis.limits.procedure({ userId }));
  const caller: SessionCaller = { userId, sessionId, correlationId: ctx.correlationId };
  return next({ ctx: { caller } });
});
