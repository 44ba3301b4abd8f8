import { checkWire } from "./check.ts";

checkWire("wire-snmp", { count: 14_000 });
checkWire("wire-walk", { count: 6_000 });
