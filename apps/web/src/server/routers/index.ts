import { router } from "../trpc/init";
import { accountRouter } from "./account";
import { contactRouter } from "./contact";
import { messageRouter } from "./message";
import { roomRouter } from "./room";
import { translationRouter } from "./translation";

export const appRouter = router({
  account: accountRouter,
  contact: contactRouter,
  room: roomRouter,
  message: messageRouter,
  translation: translationRouter,
});

/** The one thing that the browser's side imports from here, as a type. */
export type AppRouter = typeof appRouter;
