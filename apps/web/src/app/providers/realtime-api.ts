import type { RealtimeApi } from "../../realtime/api";
import { ask } from "./ask";
import type { ApiClient } from "./procedures";

/** The same server as the realtime client asks it. */
export function createRealtimeApi(client: ApiClient): RealtimeApi {
  return {
    ticket: () => ask(client.account.realtimeTicket.mutate()),
    me: () => ask(client.account.me.query()),
    rooms: () => ask(client.room.list.query()),
    room: (roomId) => ask(client.room.get.query({ roomId })),
    history: (input) => ask(client.message.history.query(input)),
    resume: (input) => ask(client.message.resume.query(input)),
    send: (input) => ask(client.message.send.mutate(input)),
    mark: (input) => ask(client.message.mark.mutate(input)),
    translate: (input) => ask(client.message.translate.mutate(input)),
    edit: (input) => ask(client.message.edit.mutate(input)),
    delete: (input) => ask(client.message.delete.mutate(input)),
  };
}
