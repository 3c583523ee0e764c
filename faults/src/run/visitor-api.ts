import {
  historyOutputSchema,
  markOutputSchema,
  meSchema,
  messageOutputSchema,
  resumeOutputSchema,
  roomListOutputSchema,
  roomOutputSchema,
  sendMessageOutputSchema,
  ticketOutputSchema,
  translateOutputSchema,
} from "@ashchat/contracts/api";
import { appError, type AppError } from "@ashchat/contracts/errors";
import { fail, type Result } from "@ashchat/contracts/result";
import type { Visitor } from "@ashchat/visitor/browser";
import { createApiClient } from "@ashchat/web/client/procedures";
import { createRealtimeApi } from "@ashchat/web/client/realtime-api";
import type { RealtimeApi } from "@ashchat/web/realtime/api";
import type * as z from "zod/mini";

/**
 * What the realtime client asks over HTTP, asked as the product's page does, for a visitor without a screen. An answer that breaks
 * its contract counts as none; without a network nothing is asked.
 */
export function visitorApi(visitor: Visitor, isOnline: () => boolean): RealtimeApi {
  const api = createRealtimeApi(createApiClient(visitor.fetch));
  const asked = async <Value>(
    call: () => Promise<Result<Value, AppError>>,
    contract: z.ZodMiniType<Value>,
  ): Promise<Result<Value, AppError>> => {
    if (!isOnline()) return fail(appError("unavailable", "no network"));
    const answer = await call();
    const isKept = !answer.ok || contract.safeParse(answer.value).success;
    return isKept ? answer : fail(appError("unavailable", "an answer that breaks its contract"));
  };
  return {
    ticket: () => asked(() => api.ticket(), ticketOutputSchema),
    me: () => asked(() => api.me(), meSchema),
    rooms: () => asked(() => api.rooms(), roomListOutputSchema),
    room: (roomId) => asked(() => api.room(roomId), roomOutputSchema),
    history: (input) => asked(() => api.history(input), historyOutputSchema),
    resume: (input) => asked(() => api.resume(input), resumeOutputSchema),
    send: (input) => asked(() => api.send(input), sendMessageOutputSchema),
    mark: (input) => asked(() => api.mark(input), markOutputSchema),
    translate: (input) => asked(() => api.translate(input), translateOutputSchema),
    edit: (input) => asked(() => api.edit(input), messageOutputSchema),
    delete: (input) => asked(() => api.delete(input), messageOutputSchema),
  };
}
