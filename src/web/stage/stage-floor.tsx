// The middle of the stage: devices, broker, handlers and replies, and the messages between them.
// Positions are set by CSSOM with each frame; the views change only when messages come or go.

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Live } from "../live/live.ts";
import type { Stage } from "./stage.ts";
import { BrokerBox, DeviceBoxes, HandlerBoxes, NothingYet } from "./stage-boxes.tsx";
import { type Flight, findPlace } from "./stage-flight.ts";
import { StageFlights } from "./stage-flights.tsx";
import { isNarrow, layOut, type StageLayout } from "./stage-layout.ts";
import { StageWires } from "./stage-wires.tsx";

export type StageFloorProps = { readonly live: Live; readonly stage: Stage };
type Chips = Map<number, HTMLElement>;

const CARD_PX = 380;
const CARDS_MAX = 4;

export function StageFloor({ live, stage }: StageFloorProps) {
  const floor = useRef<HTMLElement>(null);
  const chips = useRef<Chips>(new Map());
  const size = useSignal({ width: 0, height: 0 });
  useEffect(() => {
    const element = floor.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      size.value = { width, height };
      const cards = Math.floor(innerWidth / CARD_PX);
      stage.fit(size.value, Math.max(2, Math.min(CARDS_MAX, cards)));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [stage, size]);
  const devices = stage.devices.value;
  const handlers = stage.handlers.value;
  const layout = useMemo(
    () => layOut(size.value, devices.length, handlers.length),
    [size.value, devices.length, handlers.length],
  );
  useFrames(stage, layout, chips.current);
  return (
    <section ref={floor} class="stage-floor">
      <StageWires stage={stage} layout={layout} />
      <StageFlights stage={stage} isNarrow={isNarrow(layout)} chips={chips.current} />
      <DeviceBoxes stage={stage} layout={layout} />
      <BrokerBox stage={stage} layout={layout} />
      <HandlerBoxes stage={stage} layout={layout} />
      {devices.length === 0 && <NothingYet live={live} layout={layout} />}
    </section>
  );
}

// Most frames change none.
function setOpacity({ style }: HTMLElement, opacity: number): void {
  const text = String(opacity);
  if (style.opacity !== text) style.opacity = text;
}

// What came without words, since others flew close before it, goes without.
function writeReply(chip: HTMLElement, { handled, text: asked }: Flight): void {
  const written = chip.querySelector(".flight-reply");
  const text = asked === "" ? "" : (handled?.replyText ?? "");
  if (written && written.textContent !== text) written.textContent = text;
}

// Until the view goes, or stands elsewhere.
function useFrames(stage: Stage, layout: StageLayout, chips: Chips): void {
  useEffect(() => {
    let frame = requestAnimationFrame(function draw() {
      const stageMs = stage.tick(Date.now());
      for (const flight of stage.flights.peek()) {
        const chip = chips.get(flight.key);
        if (!chip) continue;
        const place = findPlace(flight, stageMs, layout);
        setOpacity(chip, place?.opacity ?? 0);
        if (!place) continue;
        chip.style.transform = `translate(${place.x}px, ${place.y}px)`;
        chip.classList.toggle("failed", place.isFailed);
        if (chip.classList.toggle("reply", place.isReply)) writeReply(chip, flight);
      }
      frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [stage, layout, chips]);
}
