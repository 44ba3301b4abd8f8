import { checkWire } from "./check.ts";

checkWire("wire-sip", { count: 2_000 });
checkWire("wire-telnet", { count: 1_000 });
checkWire("wire-mqtt", { count: 1_000 });
checkWire("wire-websocket", { count: 1_000 });
checkWire("wire-ssh", { count: 300 });
