// GET /broker: the broker of this bridge, whichever it is. Of the embedded one it has figures and
// limits; of an external one, how the bridge stands with it. It changes nothing.

import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { type BrokerFacts, toEmbeddedJson, toExternalJson } from "./broker-json.ts";
import { EMBEDDED_BROKER, EXTERNAL_BROKER } from "./broker-schemas.ts";
import { callerOf } from "./caller.ts";

const SHOW = {
  response: { 200: Type.Union([EMBEDDED_BROKER, EXTERNAL_BROKER]) },
  detail: {
    operationId: "getBroker",
    summary: "The broker, and how the bridge stands with it",
    description:
      "Embedded: where it listens, what it counts, and how far its limits are used. External: " +
      "the state of the connection, what the broker can do, what is subscribed to there, and " +
      "why the last connection ended.",
    tags: ["broker"],
  },
};

/** GET /broker, for whoever may read. */
export function brokerRoute(getBroker: () => BrokerFacts) {
  return new Elysia().get(
    "/broker",
    ({ request }) => {
      const caller = callerOf(request);
      caller.check("read");
      const facts = getBroker();
      if (facts.kind === "embedded") return toEmbeddedJson(facts);
      return toExternalJson(facts, (filter) => caller.may("read", toPlain(filter)));
    },
    SHOW,
  );
}

/** A shared filter brings the topics of the filter behind its group. */
function toPlain(filter: string): string {
  return filter.replace(/^\$share\/[^/]*\//, "");
}
