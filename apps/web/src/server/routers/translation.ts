import { translationSupportSchema, type TranslationSupport } from "@ashchat/contracts/api";
import { unwrap } from "../trpc/errors";
import { protectedProcedure, router } from "../trpc/init";

/** Before any translation process has reported. */
const NOTHING_KNOWN: TranslationSupport = { engines: [], pairs: [], checkedAt: null };

export const translationRouter = router({
  support: protectedProcedure
    .output(translationSupportSchema)
    .query(async ({ ctx }) => unwrap(await ctx.services.redis.support.getSupport()) ?? NOTHING_KNOWN),
});
