// What the explorer takes the bridge's answers for: what the routes send fits each of these types.

import { expectTypeOf, test } from "bun:test";
import type { Static } from "@sinclair/typebox";
import type { EmbeddedBrokerJson, ExternalBrokerJson } from "../../src/http/broker-schemas.ts";
import type { ClientJson as RouteClientJson } from "../../src/http/clients-route.ts";
import type { DeadLetterJson } from "../../src/http/dead-letter-json.ts";
import type { FlowJson as RouteFlowJson } from "../../src/http/flow-schemas.ts";
import type { HandlersJson as RouteHandlersJson } from "../../src/http/handlers-route.ts";
import type { MessageJson as RouteMessageJson } from "../../src/http/message-json.ts";
import type { DELETED } from "../../src/http/retained-deleting.ts";
import type { RETAINED_PAGE } from "../../src/http/retained-page.ts";
import type { RESTORED } from "../../src/http/retained-restoring.ts";
import type {
  ClientJson,
  EmbeddedJson,
  ExternalJson,
} from "../../src/web/broker/broker-answers.ts";
import type { MessageJson } from "../../src/web/live/bridge-answers.ts";
import type { FlowJson } from "../../src/web/live/flow-answers.ts";
import type { HandlersJson, LetterJson } from "../../src/web/live/handler-answers.ts";
import type {
  DeletedJson,
  RestoredJson,
  RetainedPageJson,
} from "../../src/web/retained/retained-shapes.ts";
import type { FlowTold } from "../../src/web/stage/flow-told.ts";

test("messages, flows, handlers and dead letters are those of the routes", () => {
  expectTypeOf<RouteMessageJson>().toExtend<MessageJson>();
  expectTypeOf<RouteFlowJson>().toExtend<FlowJson>();
  expectTypeOf<RouteFlowJson>().toExtend<FlowTold>();
  expectTypeOf<RouteHandlersJson>().toExtend<HandlersJson>();
  expectTypeOf<DeadLetterJson>().toExtend<LetterJson>();
});

test("what the pages 'Broker' and 'Retained' read is what the routes send", () => {
  expectTypeOf<EmbeddedBrokerJson>().toExtend<EmbeddedJson>();
  // The schema has the state as a text.
  type External = Omit<ExternalBrokerJson, "state">;
  expectTypeOf<External>().toExtend<Omit<ExternalJson, "state">>();
  expectTypeOf<RouteClientJson>().toExtend<ClientJson>();
  expectTypeOf<Static<typeof RETAINED_PAGE>>().toExtend<RetainedPageJson>();
  expectTypeOf<Static<typeof DELETED>>().toExtend<DeletedJson>();
  expectTypeOf<Static<typeof RESTORED>>().toExtend<RestoredJson>();
});
