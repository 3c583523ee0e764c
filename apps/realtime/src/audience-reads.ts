import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { Outcome } from "@ashchat/core/ports";
import type { AudienceLoader, HouseAudience, HouseMember } from "./audience-loader";

export type ProfileNews = Pick<HouseMember, "language" | "understands">;

/** What was announced while an audience was being read, and may be missing in it. */
interface News {
  readonly roomId: RoomId;
  /** With the version of the list in which they are gone. */
  readonly removed: Map<UserId, number>;
  readonly profiles: Map<UserId, ProfileNews>;
}

/** Reads audiences as they are stored, with what is announced while they are being read. */
export class AudienceReads {
  readonly #loader: AudienceLoader;
  readonly #running = new Set<News>();

  constructor(loader: AudienceLoader) {
    this.#loader = loader;
  }

  async read(roomId: RoomId): Outcome<HouseAudience | null> {
    const news: News = { roomId, removed: new Map(), profiles: new Map() };
    this.#running.add(news);
    const loaded = await this.#loader.load(roomId).finally(() => this.#running.delete(news));
    if (!loaded.ok || loaded.value === null) return loaded;
    const { room, members } = loaded.value;
    for (const [userId, version] of news.removed) if (room.membersVersion < version) members.delete(userId);
    for (const [userId, profile] of news.profiles) changeProfile(loaded.value, userId, profile);
    return loaded;
  }

  noteRemoval(roomId: RoomId, userId: UserId, membersVersion: number): void {
    for (const news of this.#running) if (news.roomId === roomId) news.removed.set(userId, membersVersion);
  }

  noteProfile(userId: UserId, profile: ProfileNews): void {
    for (const news of this.#running) news.profiles.set(userId, profile);
  }
}

export function changeProfile(
  { members }: HouseAudience,
  userId: UserId,
  { language, understands }: ProfileNews,
): void {
  const member = members.get(userId);
  if (member === undefined) return;
  members.set(userId, { ...member, language: member.isLanguageOwn ? member.language : language, understands });
}
