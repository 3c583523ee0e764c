import {
  codeSentSchema,
  confirmEmailInputSchema,
  confirmEmailOutputSchema,
  meSchema,
  registerInputSchema,
  revokeSessionInputSchema,
  sessionsOutputSchema,
  ticketOutputSchema,
  updateProfileInputSchema,
} from "@ashchat/contracts/api";
import { appError } from "@ashchat/contracts/errors";
import { newId, type UserId } from "@ashchat/contracts/ids";
import { confirmEmail } from "@ashchat/core/account/confirm-email";
import { updateProfile } from "@ashchat/core/account/profile";
import { register } from "@ashchat/core/account/register";
import { resendCode } from "@ashchat/core/account/resend-code";
import { listSessions, revokeOtherSessions, revokeSession } from "@ashchat/core/account/sessions";
import { readMe } from "../auth/read-me";
import { readRegistration, registrationCookie } from "../auth/registration-cookie";
import { endedSessionCookie } from "../auth/session-token";
import type { Services } from "../services";
import type { RequestContext } from "../trpc/context";
import { refuse, unwrap } from "../trpc/errors";
import { protectedProcedure, publicProcedure, router } from "../trpc/init";

export const accountRouter = router({
  register: publicProcedure
    .input(registerInputSchema)
    .output(codeSentSchema)
    .mutation(async ({ ctx, input }) => {
      const { services, correlationId, address } = ctx;
      const registrationId = newId("usr");
      unwrap(await services.redis.limits.register({ ip: address, email: input.email, registrationId }));
      const sent = unwrap(await register(depsOf(services), input, { registrationId, correlationId }));
      ctx.setCookie(registrationCookie(registrationId, services.env));
      return sent;
    }),

  resendCode: publicProcedure.output(codeSentSchema).mutation(async ({ ctx }) => {
    const { services, correlationId, address } = ctx;
    unwrap(await services.redis.limits.resend({ ip: address }));
    const registrationId = requireRegistration(ctx);
    const sent = unwrap(await resendCode(depsOf(services), { registrationId, correlationId }));
    ctx.setCookie(registrationCookie(registrationId, services.env));
    return sent;
  }),

  confirmEmail: publicProcedure
    .input(confirmEmailInputSchema)
    .output(confirmEmailOutputSchema)
    .mutation(async ({ ctx, input }) => {
      const { services, correlationId, address } = ctx;
      unwrap(await services.redis.limits.confirm({ ip: address }));
      const registrationId = requireRegistration(ctx);
      return unwrap(await confirmEmail(depsOf(services), { registrationId, correlationId, code: input.code }));
    }),

  me: protectedProcedure
    .output(meSchema)
    .query(async ({ ctx: { services, caller } }) => unwrap(await readMe(depsOf(services), caller))),

  updateProfile: protectedProcedure
    .input(updateProfileInputSchema)
    .output(meSchema)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      unwrap(await updateProfile(depsOf(services), caller, input)),
    ),

  sessions: protectedProcedure.output(sessionsOutputSchema).query(async ({ ctx: { services, caller } }) => ({
    sessions: unwrap(await listSessions(depsOf(services), caller)),
  })),

  revokeSession: protectedProcedure
    .input(revokeSessionInputSchema)
    .mutation(async ({ ctx: { services, caller }, input }) => {
      unwrap(await revokeSession(depsOf(services), caller, input));
    }),

  revokeOtherSessions: protectedProcedure.mutation(async ({ ctx: { services, caller } }) => {
    unwrap(await revokeOtherSessions(depsOf(services), caller));
  }),

  signOut: protectedProcedure.mutation(async ({ ctx }) => {
    const { services, caller } = ctx;
    unwrap(await revokeSession(depsOf(services), caller, { sessionId: caller.sessionId }));
    ctx.setCookie(endedSessionCookie(services.env));
  }),

  realtimeTicket: protectedProcedure.output(ticketOutputSchema).mutation(async ({ ctx: { services, caller } }) => {
    const { userId, sessionId } = caller;
    const issued = unwrap(await services.redis.tickets.issueTicket({ userId, sessionId }));
    return { ...issued, url: services.env.REALTIME_PUBLIC_URL };
  }),
});

function depsOf({ database, redis, announcer, publisher, passwords, codes, clock, crash }: Services) {
  const { accounts, profiles, sessions } = database.stores;
  return { accounts, profiles, sessions, sends: redis.codeSends, announcer, publisher, passwords, codes, clock, crash };
}

/** Without the cookie there is nothing that a code could confirm: the same answer as for one that has expired. */
function requireRegistration({ cookies, services }: RequestContext): UserId {
  const registrationId = readRegistration(cookies, services.env);
  if (registrationId === null) throw refuse(appError("code_expired", "no registration in this browser"));
  return registrationId;
}
