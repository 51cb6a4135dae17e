// The page "Stage", at #/stage: for a projector, without the frame of the other pages.

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";
import { JoinPanel } from "./join-panel.tsx";
import { isMotionReduced } from "./motion.ts";
import { openStage } from "./stage.ts";
import { StageCards } from "./stage-cards.tsx";
import { StageControls } from "./stage-controls.tsx";
import { StageFloor } from "./stage-floor.tsx";
import { StageHead } from "./stage-head.tsx";
import { followStageKeys, toggleJoin } from "./stage-keys.ts";

export type StagePageProps = { readonly live: Live };

/** There is room for more, where nothing moves. */
const STILL_CARDS_MAX = 12;

export function StagePage({ live }: StagePageProps) {
  const stage = useMemo(() => openStage(live), [live]);
  const isJoinOpen = useSignal(false);
  useEffect(() => stage.close, [stage]);
  useEffect(() => followStageKeys(stage, isJoinOpen), [stage, isJoinOpen]);
  const isStill = isMotionReduced.value;
  useEffect(() => {
    if (isStill) stage.fit({ width: innerWidth, height: innerHeight }, STILL_CARDS_MAX);
  }, [stage, isStill]);
  return (
    <div class={`stage${isJoinOpen.value ? " joining" : ""}${isStill ? " still" : ""}`}>
      <h1 class="unseen">{say("stage.title")}</h1>
      <StageHead live={live} stage={stage} />
      {!isStill && <StageFloor live={live} stage={stage} />}
      <StageCards live={live} stage={stage} />
      <StageControls stage={stage} isJoinOpen={isJoinOpen} />
      {isJoinOpen.value && <JoinPanel live={live} onClose={() => toggleJoin(isJoinOpen)} />}
    </div>
  );
}
