// The ways between those on the stage, as quiet lines.

import type { Stage } from "./stage.ts";
import type { Actor } from "./stage-cast.ts";
import { toHandlerCurve } from "./stage-flight.ts";
import { type StageLayout, toCurve, toPath, toShare } from "./stage-layout.ts";

export type StageWiresProps = { readonly stage: Stage; readonly layout: StageLayout };

export function StageWires({ stage, layout }: StageWiresProps) {
  const { width, height, devices, broker, handlers, replies } = layout;
  return (
    <svg class="stage-wires" width={width} height={height} aria-hidden="true">
      {devices.map((box, at) => (
        <path
          key={box.y}
          class={toClass(stage, stage.devices.value[at])}
          d={toPath(toCurve(box, broker, toShare(at, devices.length)))}
        />
      ))}
      {handlers.map((box, at) => (
        <path
          key={box.y}
          class={toClass(stage, stage.handlers.value[at], false)}
          d={toPath(toHandlerCurve(layout, box, at))}
        />
      ))}
      {replies.map((box, at) => {
        const handler = handlers[at];
        const look = toClass(stage, stage.handlers.value[at], false);
        return handler && <path key={box.y} class={look} d={toPath(toCurve(handler, box))} />;
      })}
    </svg>
  );
}

function toClass(stage: Stage, actor: Actor | undefined, isColoured = true): string {
  if (!actor) return "wire";
  const hue = isColoured ? ` hue-${actor.hue}` : "";
  return `wire${hue}${stage.isLit(actor.topic) ? "" : " dim"}`;
}
