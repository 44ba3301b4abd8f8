import { checkWire } from "./check.ts";

// Noise, and requests that could be read in two ways, are cut off without an answer.
checkWire("wire-provisioning", { count: 5_000, ok: /^(?:100|200|201|403|404|405|416|501|closed)$/ });
