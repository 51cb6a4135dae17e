// The origin: a topic prefix that the bridge lives below. Put on towards the broker, taken off
// before anyone inside sees a topic. Pure.

/** `devices/update` below `plant-a` is `plant-a/devices/update`; an empty one changes nothing. */
export function addOrigin(origin: string, topic: string): string {
  return origin === "" ? topic : `${origin}/${topic}`;
}

/** The topic without the origin; one from elsewhere stays as it is. */
export function removeOrigin(origin: string, topic: string): string {
  return origin !== "" && isBelow(origin, topic) ? topic.slice(origin.length + 1) : topic;
}

/** Whether a topic lies below the origin; below an empty one all do. */
export function isBelow(origin: string, topic: string): boolean {
  return origin === "" || topic.startsWith(`${origin}/`);
}
