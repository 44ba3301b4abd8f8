import { checkWire } from "./check.ts";

checkWire("wire-paths", { count: 5_000, ok: /^(?:100|200|201|400|403|404|405|413|429|closed)$/ });
