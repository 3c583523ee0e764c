/** Pixels from the end within which a reader counts as being there. */
const END_SLACK_PX = 32;
/** A smaller step back is rounding, not a reader going up. */
const STEP_BACK_PX = 2;

/** What a scroll tells about the reader. All in pixels. */
export interface ScrollPlace {
  offset: number;
  scrollSize: number;
  viewportSize: number;
}

/**
 * Whether the list stays at its end when it grows. At the end: yes. Going up: no longer. Everything else (a bubble that
 * grows because its translation came, a smaller window) is no decision of the reader and changes nothing.
 */
export function isPinned(before: { pinned: boolean; offset: number }, place: ScrollPlace): boolean {
  if (distanceToEnd(place) <= END_SLACK_PX) return true;
  if (place.offset < before.offset - STEP_BACK_PX) return false;
  return before.pinned;
}

export function distanceToEnd({ offset, scrollSize, viewportSize }: ScrollPlace): number {
  return scrollSize - offset - viewportSize;
}
