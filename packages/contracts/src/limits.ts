/**
 * Every bound of the house, with its unit last. A number chosen rather than given has its derivation beside it.
 * Sources: docs/decisions and the protocol description in `realtime.ts`.
 */
export const LIMITS = {
  // Messages
  messageCodePointsMax: 4_000,
  historyPageMessages: 50,
  resumePageMessages: 100,
  /** A larger gap is answered `resync`: fetching the newest page is cheaper than replaying. */
  resumeGapMax: 2_000,
  translateOnViewMessagesMax: 50,

  // People and rooms
  nameCodePointsMax: 60,
  aboutCodePointsMax: 200,
  titleCodePointsMax: 80,
  passwordCharsMin: 10,
  passwordCharsMax: 128,
  emailCharsMax: 254,
  groupMembersMax: 200,
  roomsPerUserMax: 1_000,
  sessionsPerUserMax: 50,
  understoodLanguagesMax: 10,

  // Codes (SECURITY: 15 guesses an hour and account)
  codeDigits: 6,
  codeTriesMax: 5,
  codeTtlMs: 600_000,
  codeResendAfterMs: 60_000,
  codeSendsPerHour: 3,
  codeSendsPerDay: 10,

  // Sessions and tickets
  sessionTtlMs: 30 * 24 * 3_600_000,
  ticketTtlMs: 30_000,
  ticketBytes: 32,

  // Realtime
  frameBytesMax: 65_536,
  authDeadlineMs: 5_000,
  /** Client pings; a socket silent for two intervals and a half is closed. */
  heartbeatIntervalMs: 20_000,
  heartbeatDeadlineMs: 50_000,
  socketQueueBytesSoft: 262_144,
  socketQueueBytesMax: 1_048_576,
  /** Token bucket per user: burst and refill. A person cannot type this fast; an outbox flush fits the burst. */
  framesBurst: 120,
  framesPerSecond: 30,
  connectionsPerUserMax: 20,
  connectionsPerAddressMax: 400,
  connectionsPerProcessMax: 15_000,
  cursorsPerResumeMax: 1_000,
  roomRingMessages: 256,
  receiptIntervalMs: 1_000,
  typingIntervalMs: 3_000,
  typingTtlMs: 6_000,
  presenceBeatMs: 10_000,
  presenceTtlMs: 30_000,
  revocationDeadlineMs: 2_000,
  /** The reducer holds frames beyond its cursor this many and this long, then resumes. */
  heldFramesMax: 200,
  heldFramesMs: 2_000,
  fallbackPollMs: 5_000,
  sendTimeoutMs: 8_000,
  reconnectDelayMinMs: 500,
  reconnectDelayMaxMs: 30_000,

  // Room writer
  appendRoundsMax: 10,
  appendBatchMessagesMax: 64,
  appendQueueMessagesMax: 1_000,

  // Pending work
  sweepIntervalMs: 5_000,
  sweepClaimsMax: 500,
  sweepQueueMessagesMax: 1_000,
  pendingFirstDueMs: 15_000,
  pendingTriesMax: 8,

  // Queues
  queueMessageBytesMax: 262_144,
  queuePrefetch: 100,
  queueDeliveryLimit: 50,
  queueTriesMax: 5,
  queueLengthMax: 100_000,
  publishTimeoutMs: 5_000,
  rpcTimeoutMs: 5_000,

  // Translation
  translateBatchWaitMs: 10,
  translateBatchTextsMax: 50,
  translateBatchCodePointsMax: 5_000,
  translateTimeoutMs: 10_000,
  translationCacheTtlMs: 30 * 24 * 3_600_000,
  /** A translation this many times longer than its source is an engine gone wrong. */
  translationLengthRatioMax: 8,

  // tRPC
  trpcBatchMax: 20,
  trpcBodyBytesMax: 65_536,

  // Every external call has a deadline
  databaseTimeoutMs: 5_000,
  redisTimeoutMs: 2_000,
  smtpTimeoutMs: 10_000,
  readinessTimeoutMs: 2_000,
} as const;
