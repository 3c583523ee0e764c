import {
  deleteMessageInputSchema,
  editMessageInputSchema,
  historyInputSchema,
  historyOutputSchema,
  markInputSchema,
  markOutputSchema,
  messageOutputSchema,
  resumeInputSchema,
  resumeOutputSchema,
  sendMessageInputSchema,
  sendMessageOutputSchema,
  translateInputSchema,
  translateOutputSchema,
} from "@ashchat/contracts/api";
import type { StoredMessage } from "@ashchat/contracts/announcements";
import { newId, type UserId } from "@ashchat/contracts/ids";
import type { MessageView } from "@ashchat/contracts/message";
import { deleteMessage } from "@ashchat/core/conversation/delete-message";
import { editMessage } from "@ashchat/core/conversation/edit-message";
import { mark } from "@ashchat/core/conversation/mark";
import { readHistory } from "@ashchat/core/conversation/read-history";
import { requestTranslation } from "@ashchat/core/conversation/request-translation";
import { resumeRooms } from "@ashchat/core/conversation/resume";
import { sendMessage } from "@ashchat/core/conversation/send-message";
import { viewMessage } from "@ashchat/core/message-view";
import type { Services } from "../services";
import { unwrap } from "../trpc/errors";
import { protectedProcedure, router } from "../trpc/init";

export const messageRouter = router({
  send: protectedProcedure
    .input(sendMessageInputSchema)
    .output(sendMessageOutputSchema)
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const send = () => sendMessage(depsOf(services), caller, input);
      const { message } = unwrap(await services.admission.run(input.roomId, send));
      return { seq: message.seq, sentAt: message.sentAt, message: viewMessage(message, null) };
    }),

  history: protectedProcedure
    .input(historyInputSchema)
    .output(historyOutputSchema)
    .query(async ({ ctx: { services, caller }, input }) => unwrap(await readHistory(depsOf(services), caller, input))),

  resume: protectedProcedure
    .input(resumeInputSchema)
    .output(resumeOutputSchema)
    .query(async ({ ctx: { services, caller }, input }) => {
      const [resumed, started] = await Promise.all([
        resumeRooms(depsOf(services), caller, input.cursors),
        services.redis.realtimeStarts.last(),
      ]);
      return { ...unwrap(resumed), realtimeSince: started.ok ? started.value : null };
    }),

  edit: protectedProcedure
    .input(editMessageInputSchema)
    .output(messageOutputSchema)
    .mutation(async ({ ctx: { services, caller }, input }) => ({
      // One's own message is never translated for oneself.
      message: viewMessage(unwrap(await editMessage(depsOf(services), caller, input)), null),
    })),

  delete: protectedProcedure
    .input(deleteMessageInputSchema)
    .output(messageOutputSchema)
    .mutation(async ({ ctx: { services, caller }, input }) => ({
      message: viewMessage(unwrap(await deleteMessage(depsOf(services), caller, input)), null),
    })),

  translate: protectedProcedure
    .input(translateInputSchema)
    .output(translateOutputSchema)
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const messages = unwrap(await requestTranslation(depsOf(services), caller, input));
      return { messages: await viewAll(services, caller.userId, messages) };
    }),

  mark: protectedProcedure
    .input(markInputSchema)
    .output(markOutputSchema)
    .mutation(async ({ ctx: { services, caller }, input }) => unwrap(await mark(depsOf(services), caller, input))),
});

function depsOf({ database, announcer, publisher, detector, clock, crash }: Services) {
  return {
    ...database.stores,
    audience: database.audience,
    announcer,
    publisher,
    detector,
    clock,
    crash,
    newMessageId: () => newId("msg"),
    newChangeId: () => newId("chg"),
  };
}

/** In the language in which this person reads the room. */
async function viewAll(
  { database }: Services,
  readerId: UserId,
  messages: readonly StoredMessage[],
): Promise<MessageView[]> {
  const [first] = messages;
  if (first === undefined) return [];
  const audience = unwrap(await database.audience.of(first.roomId));
  const language = audience?.members.get(readerId)?.language ?? null;
  return messages.map((message) => viewMessage(message, language));
}
