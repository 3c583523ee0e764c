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
import { fail, ok, type Result } from "@ashchat/contracts/result";
import { ProcedureError, type Visitor } from "@ashchat/visitor/browser";
import type { RealtimeApi } from "@ashchat/web/realtime/api";

/**
 * The procedures that the realtime client calls, for a visitor without a screen. Like the browser's, it never throws;
 * without a network nothing is asked.
 */
export function visitorApi(visitor: Visitor, isOnline: () => boolean): RealtimeApi {
  const asked = async <Value>(call: () => Promise<Value>): Promise<Result<Value, AppError>> =>
    isOnline() ? answered(call()) : fail(appError("unavailable", "no network"));
  return {
    ticket: () => asked(() => visitor.mutate("account.realtimeTicket", undefined, ticketOutputSchema)),
    me: () => asked(() => visitor.query("account.me", undefined, meSchema)),
    rooms: () => asked(() => visitor.query("room.list", undefined, roomListOutputSchema)),
    room: (roomId) => asked(() => visitor.query("room.get", { roomId }, roomOutputSchema)),
    history: (input) => asked(() => visitor.query("message.history", input, historyOutputSchema)),
    resume: (input) => asked(() => visitor.query("message.resume", input, resumeOutputSchema)),
    send: (input) => asked(() => visitor.mutate("message.send", input, sendMessageOutputSchema)),
    mark: (input) => asked(() => visitor.mutate("message.mark", input, markOutputSchema)),
    translate: (input) => asked(() => visitor.mutate("message.translate", input, translateOutputSchema)),
    edit: (input) => asked(() => visitor.mutate("message.edit", input, messageOutputSchema)),
    delete: (input) => asked(() => visitor.mutate("message.delete", input, messageOutputSchema)),
  };
}

async function answered<Value>(call: Promise<Value>): Promise<Result<Value, AppError>> {
  try {
    return ok(await call);
  } catch (cause) {
    if (cause instanceof ProcedureError && cause.code !== null) return fail(appError(cause.code, cause.message));
    return fail(appError("unavailable", "no answer", { cause }));
  }
}
