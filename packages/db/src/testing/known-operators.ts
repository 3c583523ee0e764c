/** Every operator that the code puts into a filter, by collection and place. Who writes another says so here. */
export const FILTER_OPERATORS: Readonly<Record<string, readonly string[]>> = {
  users: ["filter.pendingSince.$lt"],
  sessions: ["filter.expiresAt.$gt", "filter.expiresAt.$lt", "filter.revokedAt.$gt"],
  profiles: ["filter._id.$in", "filter.changedAt.$gt"],
  rooms: ["filter._id.$in"],
  memberships: ["filter.roomId.$in", "filter.removedAt.$gt", "filter.removedAt.$ne"],
  messages: [
    ...["filter.seq.$in", "filter.seq.$gt", "filter.seq.$lt", "filter.dueAt.$lte"],
    ...["filter.$or", "filter.$or.translations.*.status.$ne", "filter.$or.translations.*.revision.$ne"],
    ...["filter.pending.languages.0.$exists", "filter.unlogged.0.$exists"],
  ],
  changes: ["filter.seq.$gt"],
};

/** What updates consist of, in every collection; below them stands only what is said here. */
export const UPDATE_OPERATORS: readonly string[] = [
  ...["update.$set", "update.$setOnInsert", "update.$unset", "update.$inc", "update.$max"],
  ...["update.$push", "update.$pull", "update.$addToSet"],
  // The changes that were logged, taken off together.
  "update.$pull.unlogged.changeId.$in",
];
