// The explorer, at GET /: opens what is live and shows the frame with its pages. Everything the
// page knows it asks of the bridge it came from, and of nobody else.

import { render } from "preact";
import { openLive } from "./live/live.ts";
import { Shell } from "./shell/shell.tsx";

const root = document.getElementById("explorer");
if (root) render(<Shell live={openLive()} />, root);
