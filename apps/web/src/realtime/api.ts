import type {
  History,
  Me,
  deleteMessageInputSchema,
  editMessageInputSchema,
  historyInputSchema,
  markInputSchema,
  markOutputSchema,
  messageOutputSchema,
  resumeInputSchema,
  resumeOutputSchema,
  roomListOutputSchema,
  roomOutputSchema,
  sendMessageInputSchema,
  sendMessageOutputSchema,
  ticketOutputSchema,
  translateInputSchema,
  translateOutputSchema,
} from "@ashchat/contracts/api";
import type { AppError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import type { Result } from "@ashchat/contracts/result";
import type * as z from "zod/mini";

export type Answer<Value> = Promise<Result<Value, AppError>>;

/** What the realtime client asks over HTTP. Nothing here throws; every call ends within its own deadline. */
export interface RealtimeApi {
  ticket(): Answer<z.infer<typeof ticketOutputSchema>>;
  me(): Answer<Me>;
  rooms(): Answer<z.infer<typeof roomListOutputSchema>>;
  room(roomId: RoomId): Answer<z.infer<typeof roomOutputSchema>>;
  history(input: z.infer<typeof historyInputSchema>): Answer<History>;
  resume(input: z.infer<typeof resumeInputSchema>): Answer<z.infer<typeof resumeOutputSchema>>;
  send(input: z.infer<typeof sendMessageInputSchema>): Answer<z.infer<typeof sendMessageOutputSchema>>;
  mark(input: z.infer<typeof markInputSchema>): Answer<z.infer<typeof markOutputSchema>>;
  translate(input: z.infer<typeof translateInputSchema>): Answer<z.infer<typeof translateOutputSchema>>;
  edit(input: z.infer<typeof editMessageInputSchema>): Answer<z.infer<typeof messageOutputSchema>>;
  delete(input: z.infer<typeof deleteMessageInputSchema>): Answer<z.infer<typeof messageOutputSchema>>;
}
