// English words for what goes wrong, by the code of the bridge's catalogue: what happened, and,
// with `_hint` behind the code, what to do now. Other codes are told in the bridge's own words.

import { englishSendingErrors } from "./english-sending-errors.ts";

export const englishErrors = {
  ...englishSendingErrors,
  bridge_unreachable: "The bridge does not answer.",
  bridge_unreachable_hint: "Is it still running, and is this machine still in its network?",
  token_missing: "This bridge asks for a token.",
  token_missing_hint: "Enter the token that was printed where the bridge was started.",
  token_wrong: "This token is not known here.",
  token_wrong_hint: "Copy it once more; it may have changed since.",
  tokens_guessed: "Too many wrong tokens came from this address.",
  tokens_guessed_hint: "Wait a little, then enter the right one.",
  scope_missing: "This token may not do that.",
  scope_missing_hint: "Ask for a token with more rights (read, publish, admin).",
  topic_forbidden: "This token may not do that with this topic.",
  topic_forbidden_hint: "Watch a narrower filter, or ask for a token with more rights.",
  subscribe_refused: "The broker refuses the subscription.",
  subscribe_refused_hint: "Watch a narrower filter, or give the bridge's login more rights.",
  filter_invalid: "This is no MQTT filter.",
  filter_invalid_hint: "+ stands for one level, # at the end for all that follow.",
  streams_full: "Too many streams are open at the bridge.",
  streams_full_hint: "Close other tabs, or raise --streams-max.",
  caller_streams_full: "This address has too many streams open.",
  caller_streams_full_hint: "Close other tabs, or raise --streams-per-caller-max.",
  requests_too_many: "Too many requests in a second.",
  requests_too_many_hint: "Wait a moment.",
  unknown: "Something went wrong.",
  unknown_hint: "Try once more; the log of the bridge may say more.",
} as const;
