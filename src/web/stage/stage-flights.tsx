// The messages that fly, apart from all that stands: they come and go many times a second.

import { FlightChip } from "./flight-chip.tsx";
import type { Stage } from "./stage.ts";

export type StageFlightsProps = {
  readonly stage: Stage;
  readonly isNarrow: boolean;
  /** Where whoever moves them finds each, by its key. */
  readonly chips: Map<number, HTMLElement>;
};

/** While no more fly, each has its value with it. */
const TALKING_MAX = 14;

export function StageFlights({ stage, isNarrow, chips }: StageFlightsProps) {
  const flights = stage.flights.value;
  const isTalking = flights.length <= TALKING_MAX && !isNarrow;
  return (
    <div class={isTalking ? "talking" : ""}>
      {flights.map((flight) => (
        <FlightChip
          key={flight.key}
          flight={flight}
          isLit={stage.isLit(flight.topic)}
          chips={chips}
        />
      ))}
    </div>
  );
}
