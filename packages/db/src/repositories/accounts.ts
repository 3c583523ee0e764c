import type { Account, AccountStore } from "@ashchat/core/ports";
import { ok } from "@ashchat/contracts/result";
import type { UserDocument } from "../documents";
import { attempt } from "../errors";
import { below } from "../filters";
import type { Models } from "../models";

export function createAccountStore({ users }: Models): AccountStore {
  const findById: AccountStore["findById"] = (userId) =>
    attempt("find account", async () => maybeAccount(await users.findOne({ _id: userId }).lean<UserDocument>()));

  return {
    findById,
    findByEmail: (email) =>
      attempt("find account", async () => maybeAccount(await users.findOne({ email }).lean<UserDocument>())),

    async insert(account) {
      const inserted = await attempt("insert account", () => users.create([toDocument(account)]));
      if (inserted.ok) return ok(account);
      if (inserted.error.code !== "conflict") return inserted;
      // Inserted before, or the address belongs to another: the id decides.
      const mine = await findById(account.userId);
      if (!mine.ok) return mine;
      return mine.value === null ? inserted : ok(mine.value);
    },

    setUiLanguage: (userId, uiLanguage) =>
      attempt("set interface language", async () => {
        await users.updateOne({ _id: userId }, { $set: { uiLanguage } });
      }),

    clearPendingProfile: (userId) =>
      attempt("clear pending profile", async () => {
        await users.updateOne({ _id: userId }, { $unset: { pendingProfile: "", pendingSince: "" } });
      }),

    withPendingProfile: (before, limit) =>
      attempt("find pending profiles", async () => {
        const found = await users
          .find({ pendingSince: below(before) })
          .select({ _id: 1 })
          .sort({ pendingSince: 1 })
          .limit(limit)
          .lean<Pick<UserDocument, "_id">[]>();
        return found.map((user) => user._id);
      }),
  };
}

function toDocument(account: Account): UserDocument {
  const { userId, email, passwordHash, uiLanguage, pendingProfile, createdAt } = account;
  const document: UserDocument = { _id: userId, email, passwordHash, uiLanguage, createdAt };
  return pendingProfile === null ? document : { ...document, pendingProfile, pendingSince: createdAt };
}

function maybeAccount(document: UserDocument | null): Account | null {
  if (document === null) return null;
  const { _id, email, passwordHash, uiLanguage, pendingProfile, createdAt } = document;
  const pending =
    pendingProfile === undefined ? null : { name: pendingProfile.name, language: pendingProfile.language };
  return { userId: _id, email, passwordHash, uiLanguage, pendingProfile: pending, createdAt };
}
