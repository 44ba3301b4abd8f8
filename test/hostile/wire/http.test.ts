import { checkWire } from "./check.ts";

checkWire("wire-http", { count: 2_000 });
checkWire("wire-tls", { count: 1_000 });
checkWire("wire-lens", { count: 500 });
