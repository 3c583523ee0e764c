/**
 * Every bound of the house, with its unit last. A number chosen rather than given has its derivation beside it.
 * Sources: docs/decisions and the protocol description in `realtime.ts`.
 */
export const LIMITS = {
  // Messages
  messageCodePointsMax: 4_000,
  historyPageMessages: 50,
  resumePageMessages: 100,
  /** UTF-16 units of text in one page, and over tRPC in all pages of a call: at most about 1.2 MB, seconds on a poor link. */
  resumePageCharsMax: 400_000,
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
  /** Random tag endings are tried this often before they grow; see core/account/tag. */
  tagTriesMax: 12,
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
  /** Last use of a session is noted this often: a write per request would be a write per message read. */
  sessionTouchMs: 300_000,
  /** Session cookies that a web process remembers opened, about 1 KB each. */
  openedCookiesMax: 10_000,
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
  /** Over tRPC; further rooms are told to ask again. */
  resumeRoomsPerCall: 20,
  roomRingMessages: 256,
  /** A ring that does not reach back far enough is filled from the database by at least so many messages and changes. */
  ringLoadMessagesMin: 32,
  receiptIntervalMs: 1_000,
  /** What a room's members mark meanwhile travels together: too short for anybody to notice, long enough for most of a room to answer a message. */
  receiptGatherMs: 250,
  /** Marks in one frame: those of a whole room, about 20 KB. */
  receiptMarksMax: 200,
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
  /** Longer than any backoff: until then devices that poll are told that a realtime process has begun. */
  realtimeStartTtlMs: 600_000,
  /** How far back a new connection is told whose profile changed; who was away longer fetches names again within `namesCatchUpMs`. */
  changedProfilesMs: 900_000,
  changedProfilesMax: 500,
  namesCatchUpMs: 20_000,
  /** A message waits no longer for its next try: who is connected sees at once that the house is well again. */
  outboxRetryMaxMs: 5_000,

  // Devices
  /** A device keeps this much of an open room, about 1 MB; what is farther away is fetched again. */
  windowMessagesMax: 1_000,
  /** And this much of a room that is not open, so that opening it shows something at once. */
  backgroundWindowMessages: 50,
  /** Unsent messages on a device; more are refused by the composer. */
  outboxEntriesMax: 500,
  /** Refusals as `internal` after which a message counts as failed, so that it does not block those behind it. */
  outboxInternalErrorsMax: 10,
  /** Socket silent for this long: connect again. Two pings without an answer. */
  silentSocketMs: 45_000,

  // Realtime node
  /** Sends of one connection that are not stored yet; beyond: `overloaded`. An outbox flush sends one per room. */
  sendsInFlightMax: 64,
  /** Mean time until an accepted send of a process is stored. The slowest hundredth takes some four times as long; a second is promised. */
  sendDelayTargetMs: 150,
  sendWindowIntervalMs: 100,
  /** Sends of a process that are not stored yet: at least what two inserts take, so that a slow disk never has nothing to do; half of the first size is more than a whole group. */
  sendWindowMin: 128,
  sendWindowFirst: 512,
  sendWindowMax: 4_096,
  /** Of one turn of the event loop, for taking in sends while `sendWindowMin` are in flight: a refusal may wait for several turns, and 50 ms is what it may take. */
  sendTurnMs: 12,
  /** When those who were refused as `overloaded` come back. */
  overloadedRetryMinMs: 500,
  overloadedRetryMaxMs: 1_500,
  /** Two nodes announce out of order all the time; a hole is read from the database when it is older than this. */
  gapGraceMs: 25,
  gapReadMessages: 200,
  gapReadsInFlightMax: 16,
  heldAnnouncementsMax: 1_024,
  resumesInFlightMax: 32,
  /** Characters of messages that all rings of a process keep together: about 64 MB. */
  ringCharsMax: 32_000_000,
  /** A room without local readers is still followed this long, so that whoever comes back finds its ring. */
  roomLingerMs: 60_000,
  roomsLingeringMax: 5_000,
  /** The heads of every followed room are read again in this time, at most so many rooms at once. */
  auditIntervalMs: 60_000,
  auditRoomsPerReadMax: 100,
  /** Written this long before Redis broke: announced again when it is back. */
  reannounceWindowMs: 30_000,
  revocationPollMs: 1_000,
  /** The same question while Redis is up: for the announcement that was never made or got lost. */
  revocationAuditMs: 15_000,
  presenceDebounceMs: 2_000,
  /** In larger rooms nobody is told who is online. */
  presenceRoomMembersMax: 50,
  presencePeopleMax: 1_000,
  malformedFramesMax: 3,

  // Room writer
  appendRoundsMax: 10,
  appendBatchMessagesMax: 64,
  /** Of all rooms together in one command, about 100 KB. */
  appendGroupMessagesMax: 256,
  /** Commands under way; what arrives meanwhile shares the next one. */
  appendGroupsInFlightMax: 4,
  /** After meeting another writer a room writes this many batches alone. */
  appendAloneBatches: 16,
  /** Waiting in one room. At 64 an insert these are stored within a second. */
  appendQueueMessagesMax: 1_000,
  /** Waiting in all rooms of a process: 20,000 messages of a few KB. */
  appendProcessMessagesMax: 20_000,
  /** Rooms whose head is remembered as a hint while nothing is being written. */
  appendIdleRoomsMax: 5_000,
  /** After a lost race a writer waits up to this long, by chance, so that writers do not meet again. */
  appendPauseMaxMs: 32,

  // Pending work
  sweepIntervalMs: 5_000,
  sweepClaimsMax: 500,
  sweepQueueMessagesMax: 1_000,
  pendingFirstDueMs: 15_000,
  pendingTriesMax: 8,
  /** Backoff of a pending message doubles from pendingFirstDueMs up to this. */
  pendingDueMaxMs: 300_000,
  /** Accounts whose profile is missing are looked for in portions. */
  pendingProfilesPerTurn: 100,

  // Queues
  queueMessageBytesMax: 262_144,
  queuePrefetch: 100,
  queueDeliveryLimit: 50,
  queueTriesMax: 5,
  queueLengthMax: 100_000,
  publishTimeoutMs: 5_000,
  /** 16,000 messages a second, confirmed within 50 ms, make 800. */
  publishInFlightMax: 1_000,
  publishInFlightBytesMax: 16 * 1_048_576,
  rpcPendingMax: 1_000,
  /** A handler that has not answered by then is counted as failed; its late effect is harmless, for it is idempotent. */
  handlerTimeoutMs: 60_000,
  /** A job that was delivered this often without an answer may be what kills its consumer: one at a time from here on. */
  queueCautionDeliveries: 3,
  rpcTimeoutMs: 5_000,

  // Translation
  /** Jobs in hand, in two halves: what is not begun waits for the half that ends first, so few commands do for many jobs. */
  translatePrefetch: 200,
  /** Long enough for the languages of one message; under load jobs gather by themselves while the batches before them are under way. */
  translateBatchWaitMs: 3,
  translateBatchTextsMax: 50,
  translateBatchCodePointsMax: 5_000,
  translateTimeoutMs: 10_000,
  translationCacheTtlMs: 30 * 24 * 3_600_000,
  /** A translation this many times longer than its source is an engine gone wrong. */
  translationLengthRatioMax: 8,
  /** Short texts grow more: `ok` may become a sentence. Added to the bound that the ratio gives. */
  translationLengthAllowance: 40,
  /** 50 texts of 4,000 code points, four bytes each, fit; more is not an answer to anything that was asked. */
  engineAnswerBytesMax: 1_048_576,
  /** Asking what an engine can do may start one pipeline per pair (Apertium: 0.1-0.5 s each). */
  engineSupportTimeoutMs: 30_000,
  engineSupportRefreshMs: 30_000,
  /** How long a pair that was offered but did not work is left alone. */
  enginePairRetryMs: 600_000,
  /** Failures in a row after which an engine is left in peace, and for how long; doubled up to the maximum. */
  engineFailuresMax: 5,
  engineRestMs: 5_000,
  engineRestMsMax: 60_000,
  /** Requests to one engine at a time when a batch is asked again one by one. */
  engineParallelMax: 4,
  translationMemoryEntriesMax: 5_000,
  /** Longer texts are not kept in the memory of a process: they hardly ever repeat. */
  translationMemoryCharsMax: 500,
  /** Another process translates the same text: its lock ends after this long, waiting for it after that long. */
  translationLockMs: 30_000,
  translationWaitMs: 12_000,
  /** Texts that are asked for within this time share a request. */
  translationGatherMs: 3,
  /** Results that are recorded by one row of commands, and how many rows are under way; what is ready meanwhile shares the next. */
  recordGroupResultsMax: 64,
  recordGroupsInFlightMax: 2,

  // tRPC
  trpcBatchMax: 20,
  trpcBodyBytesMax: 65_536,
  /** The thread pool of a process has four threads; one stays free for files and names. */
  passwordHashesAtOnceMax: 3,
  /** At 60 ms a hash these are done within 2 s; more are refused as `overloaded`. */
  passwordHashesWaitingMax: 100,
  passwordHashesWaitMsMax: 5_000,
  /** Requests of a process that read; fewer than `databasePoolMax`, so that those which write always find a connection. */
  readsAtOnceMax: 12,
  /** At 5 ms a read these are done within `readsWaitMsMax`; more are refused as `overloaded`. */
  readsWaitingMax: 1_000,
  readsWaitMsMax: 8_000,
  /** A new account's profile is made by another process: `me` waits this long for it, looking this often. */
  profileWaitMs: 2_000,
  profilePollMs: 100,

  // Every external call has a deadline
  databaseTimeoutMs: 5_000,
  /** Until a server is found or a connection is free; an operation ends at the latest after both and its own timeout. */
  databaseWaitMs: 2_000,
  /**
   * Of one conversation with the database, whatever the driver does: beyond what its own timeouts add up to, for it can lose a
   * command and wait for ever.
   */
  databaseDeadlineMs: 15_000,
  databasePoolMax: 20,
  /** Reads that one call makes side by side; below the pool, so that one large call leaves room for others. */
  databaseParallelReads: 10,
  /** Documents of one write in bulk, and of one read by many ids. */
  databaseBatchMax: 1_000,
  /** Another process may have claimed the due message that was just read; then the next is tried. */
  claimRacesMax: 8,
  /** Building an index over a large collection. */
  migrationTimeoutMs: 600_000,
  redisTimeoutMs: 2_000,
  /** Between two bytes of a mail server. */
  smtpTimeoutMs: 10_000,
  /** For a whole mail; below `handlerTimeoutMs`, so that its job ends with a reason and no mail goes out behind its back. */
  smtpDeadlineMs: 40_000,
  readinessTimeoutMs: 2_000,
} as const;
