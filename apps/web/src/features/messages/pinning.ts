/** Pixels from the end within which a reader counts as being there. */
const END_SLACK_PX = 32;
/** A smaller step back is rounding, not a reader going up. */
const STEP_BACK_PX = 2;

/** Where the reader is in a list of that size, all in pixels. Take it from the element: it knows first. */
export interface ScrollPlace {
  offset: number;
  scrollSize: number;
  viewportSize: number;
  /** A narrower list breaks its lines anew. */
  viewportWidth: number;
}

/**
 * Whether the list stays at its end when it grows. At the end: yes. Going up: no longer. Everything else (a bubble that
 * grows because its translation came, another size of the window or of the composer, also where the browser moves the
 * list because of it) is no decision of the reader and changes nothing.
 */
export function isPinned(before: ScrollPlace & { pinned: boolean }, place: ScrollPlace): boolean {
  if (distanceToEnd(place) <= END_SLACK_PX) return true;
  if (before.viewportSize !== place.viewportSize || before.viewportWidth !== place.viewportWidth) return before.pinned;
  if (place.offset < before.offset - STEP_BACK_PX) return false;
  return before.pinned;
}

export function distanceToEnd({ offset, scrollSize, viewportSize }: ScrollPlace): number {
  return scrollSize - offset - viewportSize;
}
