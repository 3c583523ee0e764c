import { findByTagInputSchema } from "@ashchat/contracts/api";
import { profileViewSchema } from "@ashchat/contracts/room";
import { findByTag } from "@ashchat/core/account/profile";
import { unwrap } from "../trpc/errors";
import { protectedProcedure, router } from "../trpc/init";

export const contactRouter = router({
  findByTag: protectedProcedure
    .input(findByTagInputSchema)
    .output(profileViewSchema)
    .query(async ({ ctx, input }) => {
      const { services, caller } = ctx;
      unwrap(await services.redis.limits.findByTag({ userId: caller.userId }));
      return unwrap(await findByTag({ profiles: services.database.stores.profiles }, caller, input));
    }),
});
