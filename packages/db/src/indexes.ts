/** One index of a collection. `keys` in order; 1 ascending, -1 descending. */
export interface DeclaredIndex {
  keys: readonly (readonly [field: string, direction: 1 | -1])[];
  unique?: boolean;
  sparse?: boolean;
}

/**
 * Every index of the house: the migrations build these, and the tests check every query against them. Unique ones carry
 * decisions (order, idempotence, one room per pair); each other one names the question that it answers.
 */
export const INDEXES = {
  users: [
    { keys: [["email", 1]], unique: true },
    // Accounts whose profile is missing.
    { keys: [["pendingSince", 1]], sparse: true },
  ],
  sessions: [
    // One's live sessions, newest use first.
    {
      keys: [
        ["userId", 1],
        ["revokedAt", 1],
        ["lastSeenAt", -1],
        ["expiresAt", 1],
      ],
    },
    // What was revoked since; asked every second while Redis is down.
    { keys: [["revokedAt", 1]] },
    // The nightly clean-up.
    { keys: [["expiresAt", 1]] },
  ],
  profiles: [
    { keys: [["tag", 1]], unique: true },
    // Whose profile changed since; for whoever connects again.
    { keys: [["changedAt", 1]], sparse: true },
  ],
  rooms: [{ keys: [["directKey", 1]], unique: true }],
  memberships: [
    {
      keys: [
        ["roomId", 1],
        ["userId", 1],
      ],
      unique: true,
    },
    // One's rooms.
    {
      keys: [
        ["userId", 1],
        ["removedAt", 1],
      ],
    },
    // Who was removed since; asked every second while Redis is down.
    { keys: [["removedAt", 1]] },
    // A room's members by their joining.
    {
      keys: [
        ["roomId", 1],
        ["removedAt", 1],
        ["joinedAt", 1],
      ],
    },
  ],
  messages: [
    // The order of the room.
    {
      keys: [
        ["roomId", 1],
        ["seq", 1],
      ],
      unique: true,
    },
    // A repeated send is the same message.
    {
      keys: [
        ["roomId", 1],
        ["senderId", 1],
        ["clientId", 1],
      ],
      unique: true,
    },
    // Pending work that is due.
    { keys: [["dueAt", 1]], sparse: true },
  ],
  changes: [
    {
      keys: [
        ["roomId", 1],
        ["seq", 1],
      ],
      unique: true,
    },
    {
      keys: [
        ["roomId", 1],
        ["changeId", 1],
      ],
      unique: true,
    },
  ],
} as const satisfies Record<string, readonly DeclaredIndex[]>;

export type CollectionName = keyof typeof INDEXES;
