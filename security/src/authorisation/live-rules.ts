import { newClientId } from "@ashchat/contracts/ids";
import type { ServerFrame } from "@ashchat/contracts/realtime";
import type { Client } from "@ashchat/realtime/testing/client";
import { call } from "../house/call";
import type { OpenHouse } from "../house/open-house";
import type { Scene } from "./scene";

interface Acting {
  readonly house: OpenHouse;
  readonly scene: Scene;
  /** The member's socket. */
  readonly socket: Client;
}

/** What a member does so that this frame is sent to the other members of the room. */
type Act = (acting: Acting) => Promise<void> | void;

/** What each frame of the server is sent for: to whoever asked and nobody else, or to members. A frame without a rule does not compile. */
export const LIVE_RULES: Readonly<Record<ServerFrame["t"], Act | "asker">> = {
  ready: "asker",
  page: "asker",
  caught_up: "asker",
  resync: "asker",
  ack: "asker",
  error: "asker",
  reconnect: "asker",
  pong: "asker",
  typing: ({ socket, scene }) => socket.send({ t: "typing", roomId: scene.groupId }),
  receipts: ({ socket, scene }) => socket.send({ t: "read", roomId: scene.groupId, seq: 1 }),
  message: ({ socket, scene }) => void socket.say(scene.groupId, "only for members"),
  change: async (acting) => {
    const { groupId: roomId } = acting.scene;
    const clientId = newClientId();
    acting.socket.say(roomId, "only for members, too", clientId);
    const { seq } = await acting.socket.next("ack", (ack) => ack.clientId === clientId);
    await done(acting, "message.edit", { roomId, seq, revision: 1, text: "only for members, in other words" });
    await done(acting, "message.delete", { roomId, seq });
  },
  profile: (acting) => done(acting, "account.updateProfile", { name: "Another name", about: "for those who know me" }),
  // Whoever the member adds or removes hears of it as well; here it is the owner's to do.
  room: ({ house, scene }) =>
    done({ house, scene, cookie: scene.people.owner.cookie }, "room.rename", { roomId: scene.groupId, title: "Ours" }),
  presence: ({ socket }) => socket.terminate(),
};

async function done(
  { house, scene, cookie = scene.people.member.cookie }: Pick<Acting, "house" | "scene"> & { cookie?: string },
  path: string,
  input: object,
): Promise<void> {
  const { code } = await call(house, path, { input, cookie });
  if (code !== null) throw new Error(`${path} was refused: ${code}`);
}
