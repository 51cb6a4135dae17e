// One message on its way, as a dot with a few letters of its value. stage-floor.tsx moves it, and
// writes what was replied.

import { useEffect, useRef } from "preact/hooks";
import type { Flight } from "./stage-flight.ts";

export type FlightChipProps = {
  readonly flight: Flight;
  readonly isLit: boolean;
  /** Where whoever moves it finds it, by its key. */
  readonly chips: Map<number, HTMLElement>;
};

export function FlightChip({ flight, isLit, chips }: FlightChipProps) {
  const element = useRef<HTMLDivElement>(null);
  const { key, hue, text } = flight;
  useEffect(() => {
    if (element.current) chips.set(key, element.current);
    return () => void chips.delete(key);
  }, [chips, key]);
  return (
    <div ref={element} class="flight" aria-hidden="true">
      <span class={`flight-dot hue-${hue}${isLit ? "" : " dim"}`}>
        <span class="flight-text">{text}</span>
        <span class="flight-reply" />
      </span>
    </div>
  );
}
