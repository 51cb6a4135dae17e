// The smallest handler: whatever comes on `echo/in` goes out on `echo/out`.

import { on, topic } from "viaduto";

export const input = topic("echo/in");
export const output = topic("echo/out");

export default on(input, ({ payload, publish }) => publish(output, payload));
