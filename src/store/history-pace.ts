// How many messages a second are recorded: a bucket that fills while time passes, so that a burst
// is recorded whole, and a flood takes no more of the processor than it may. Called by
// history-recording alone. Pure but for its own count.

/** A burst may be as large as what comes in so many seconds. */
const BURST_SECONDS = 4;

/** Whether a message of this time, milliseconds since 1970, may be recorded. */
export type Pace = (atMs: number) => boolean;

export function createPace(perSecondMax: number): Pace {
  const messagesMax = perSecondMax * BURST_SECONDS;
  let left = messagesMax;
  let lastMs = 0;
  return (atMs) => {
    // Nothing comes of a clock that is set back.
    const passedMs = Math.max(0, atMs - lastMs);
    lastMs = atMs;
    left = Math.min(messagesMax, left + (passedMs * perSecondMax) / 1000);
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
