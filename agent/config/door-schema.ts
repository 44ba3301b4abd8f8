/**
 * Settings of who may do what at the provisioning endpoint: docs/provisioning-security.md.
 */
import * as z from "zod";
import { name, path, port } from "./forms.ts";

/** The endpoint over TLS, beside the port in clear. */
export const endpointTls = z.strictObject({
  port,
  /** PEM, with its chain. A renewed one is taken up without a restart. */
  certFile: path,
  keyFile: path,
  /** TLS 1.0 too: phones of old firmware know nothing newer. */
  oldClients: z.boolean().default(false),
  /** `ask`: one that is shown must be the phone's. `require`: without one, no personal files and no uploads. */
  clientCertificates: z.enum(["off", "ask", "require"]).default("off"),
  /** Authorities of phones' certificates, PEM. Without it a certificate proves nothing. */
  clientRootsFile: path.optional(),
});
/** What phones log in with before they get personal files or leave uploads. */
export const endpointAccount = z.strictObject({
  user: name.regex(/^[^:]*$/, "expected a name without a colon"),
  passwordFile: path,
  /** Without TLS too, where whoever listens has the password then. */
  basicInClear: z.boolean().default(false),
  /** In the order they are offered: a phone takes the first it knows. */
  digests: z
    .array(z.enum(["sha-256", "md5"]))
    .min(1)
    .max(2)
    .default(["sha-256", "md5"]),
});
