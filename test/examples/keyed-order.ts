// Order where it matters, side by side where it does not: the bookings of one account are made one
// after the other, in the order in which they came; up to 16 accounts are worked on at once.

import { on, t, topic } from "viaduto";

export const booking = topic("bookings", {
  payload: t.Object({ account: t.String(), amount: t.Number() }),
});
export const balance = topic("accounts/{account}/balance", { payload: t.Number() });

const balances = new Map<string, number>();

export default on(
  booking,
  async ({ payload, publish }) => {
    const { account, amount } = payload;
    const before = balances.get(account) ?? 0;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5)); // A database, say.
    balances.set(account, before + amount);
    await publish(balance, { account }, before + amount);
  },
  { key: ({ payload }) => payload.account, concurrency: 16 },
);
