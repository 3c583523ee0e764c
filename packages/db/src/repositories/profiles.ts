import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import type { Profile, ProfileStore } from "@ashchat/core/ports";
import type { ProfileDocument } from "../documents";
import { attempt } from "../errors";
import { above, oneOf } from "../filters";
import type { Models } from "../models";
import { inPortions } from "../portions";

export function createProfileStore({ profiles }: Models): ProfileStore {
  const find: ProfileStore["find"] = (userId) =>
    attempt("find profile", async () => maybeProfile(await profiles.findOne({ _id: userId }).lean<ProfileDocument>()));

  return {
    find,
    findMany: (userIds) =>
      attempt("find profiles", async () => {
        const found: Profile[] = [];
        for (const portion of inPortions(userIds, LIMITS.databaseBatchMax)) {
          const documents = await profiles.find({ _id: oneOf(portion) }).lean<ProfileDocument[]>();
          found.push(...documents.map(toProfile));
        }
        return found;
      }),
    findByTag: (tag) =>
      attempt("find profile by tag", async () => maybeProfile(await profiles.findOne({ tag }).lean<ProfileDocument>())),

    async create(profile) {
      const { userId, ...fields } = profile;
      const created = await attempt("create profile", () => profiles.create([{ _id: userId, ...fields }]));
      if (created.ok) return ok(profile);
      if (created.error.code !== "conflict") return created;
      // Created before, or the tag belongs to another: the id decides.
      const mine = await find(userId);
      if (!mine.ok) return mine;
      return mine.value === null ? created : ok(mine.value);
    },

    update: (userId, fields, at) =>
      attempt("update profile", async () => {
        const updated = await profiles
          .findOneAndUpdate({ _id: userId }, { $set: fields, $max: { changedAt: at } }, { returnDocument: "after" })
          .lean<ProfileDocument>();
        return maybeProfile(updated);
      }),

    changedSince: (at, limit) =>
      attempt("find changed profiles", async () => {
        const found = await profiles
          .find({ changedAt: above(at) })
          .sort({ changedAt: 1 })
          .limit(limit)
          .lean<ProfileDocument[]>();
        return found.map(toProfile);
      }),

    setLastSeen: (entries) =>
      attempt("set last seen", async () => {
        for (const portion of inPortions(entries, LIMITS.databaseBatchMax)) {
          await profiles.bulkWrite(
            portion.map(({ userId, at }) => ({
              updateOne: { filter: { _id: userId }, update: { $max: { lastSeenAt: at } } },
            })),
            { ordered: false },
          );
        }
      }),
  };
}

export function toProfile(document: ProfileDocument): Profile {
  const { _id, tag, name, about, language, understands, lastSeenAt } = document;
  return { userId: _id, tag, name, about, language, understands, lastSeenAt };
}

function maybeProfile(document: ProfileDocument | null): Profile | null {
  return document === null ? null : toProfile(document);
}
