/** A bucket of `burst` tokens that fills with `perSecond`. One per person, shared by all their connections. */
export interface TokenBucket {
  tokens: number;
  filledAt: number;
}

export interface BucketSize {
  readonly burst: number;
  readonly perSecond: number;
}

const MS_PER_SECOND = 1_000;

export function newBucket(size: BucketSize, now: number): TokenBucket {
  return { tokens: size.burst, filledAt: now };
}

/** Takes a token: 0, or the milliseconds until there is one. A clock that goes back fills nothing. */
export function takeToken(bucket: TokenBucket, size: BucketSize, now: number): number {
  const elapsedMs = Math.max(0, now - bucket.filledAt);
  bucket.tokens = Math.min(size.burst, bucket.tokens + (elapsedMs / MS_PER_SECOND) * size.perSecond);
  bucket.filledAt = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return 0;
  }
  return Math.ceil(((1 - bucket.tokens) / size.perSecond) * MS_PER_SECOND);
}
