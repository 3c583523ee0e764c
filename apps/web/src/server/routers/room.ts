import {
  createGroupInputSchema,
  memberInputSchema,
  openDirectInputSchema,
  renameRoomInputSchema,
  roomInputSchema,
  roomListOutputSchema,
  roomOutputSchema,
} from "@ashchat/contracts/api";
import { newId, type UserId } from "@ashchat/contracts/ids";
import type { RoomView } from "@ashchat/contracts/room";
import { createGroup } from "@ashchat/core/rooms/create-group";
import { getRoom, listRooms } from "@ashchat/core/rooms/list-rooms";
import { addMember, leaveRoom, removeMember, renameRoom } from "@ashchat/core/rooms/members";
import { openDirect } from "@ashchat/core/rooms/open-direct";
import { presenceOf } from "../presence";
import type { Services } from "../services";
import { unwrap } from "../trpc/errors";
import { protectedProcedure, router } from "../trpc/init";

export const roomRouter = router({
  list: protectedProcedure.output(roomListOutputSchema).query(async ({ ctx: { services, caller } }) => {
    const rooms = unwrap(await listRooms(depsOf(services), caller));
    return { rooms, presence: await presenceOf(services, rooms, caller.userId) };
  }),

  get: protectedProcedure
    .input(roomInputSchema)
    .output(roomOutputSchema)
    .query(async ({ ctx: { services, caller }, input }) =>
      withPresence(services, caller.userId, unwrap(await getRoom(depsOf(services), caller, input))),
    ),

  openDirect: protectedProcedure
    .input(openDirectInputSchema)
    .output(roomOutputSchema)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      withPresence(services, caller.userId, unwrap(await openDirect(depsOf(services), caller, input))),
    ),

  createGroup: protectedProcedure
    .input(createGroupInputSchema)
    .output(roomOutputSchema)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      withPresence(services, caller.userId, unwrap(await createGroup(depsOf(services), caller, input))),
    ),

  rename: protectedProcedure
    .input(renameRoomInputSchema)
    .output(roomOutputSchema)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      withPresence(services, caller.userId, unwrap(await renameRoom(depsOf(services), caller, input))),
    ),

  addMember: protectedProcedure
    .input(memberInputSchema)
    .output(roomOutputSchema)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      withPresence(services, caller.userId, unwrap(await addMember(depsOf(services), caller, input))),
    ),

  removeMember: protectedProcedure
    .input(memberInputSchema)
    .output(roomOutputSchema)
    .mutation(async ({ ctx: { services, caller }, input }) =>
      withPresence(services, caller.userId, unwrap(await removeMember(depsOf(services), caller, input))),
    ),

  leave: protectedProcedure.input(roomInputSchema).mutation(async ({ ctx: { services, caller }, input }) => {
    unwrap(await leaveRoom(depsOf(services), caller, input));
  }),
});

function depsOf({ database, announcer, clock }: Services) {
  const { rooms, memberships, profiles, messages } = database.stores;
  return { rooms, memberships, profiles, messages, announcer, clock, newRoomId: () => newId("room") };
}

async function withPresence(services: Services, readerId: UserId, room: RoomView) {
  return { room, presence: await presenceOf(services, [room], readerId) };
}
