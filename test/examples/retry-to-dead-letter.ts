// A service that is down now and then: the message is tried again, later and later. What still
// fails then is kept with its reason (`viaduto dead list`), to be run again when it is back.

import { on, t, topic } from "viaduto";

export const order = topic("orders/{id}", { payload: t.Object({ article: t.String() }) });

/** Stands for somebody else's HTTP service. */
export const warehouse = {
  isOpen: false,
  taken: [] as string[],
  async take(article: string): Promise<void> {
    if (!this.isOpen) throw new Error("the warehouse is closed");
    this.taken.push(article);
  },
};

export default on(order, ({ payload }) => warehouse.take(payload.article), {
  timeout: 5_000,
  retries: { times: 3, delay: 500, maxDelay: 10_000 },
});
