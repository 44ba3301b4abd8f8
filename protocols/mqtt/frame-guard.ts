/**
 * Watches the length field of each MQTT packet as bytes arrive, so that an over-long one is known before it is
 * gathered in memory. Source: MQTT 3.1.1, 2.2.3 (remaining length, at most four bytes of seven bits); mqtt.js does not
 * enforce its own `maximumPacketSize` on what it receives (security.md 1).
 */

/** Pure but for its own position in the stream. `true` while everything is within `maxBytes`; `false` for ever after. */
export type FrameGuard = (chunk: Buffer) => boolean;

export function frameGuard(maxBytes: number): FrameGuard {
  let leftInBody = 0;
  let inLength = false;
  let length = 0;
  let digits = 0;
  let good = true;
  return (chunk) => {
    for (let at = 0; good && at < chunk.length; ) {
      if (leftInBody > 0) {
        const step = Math.min(leftInBody, chunk.length - at);
        leftInBody -= step;
        at += step;
      } else if (!inLength) {
        inLength = true;
        length = 0;
        digits = 0;
        at++;
      } else {
        const byte = chunk[at++] as number;
        length += (byte & 0x7f) * 128 ** digits;
        digits++;
        if (length > maxBytes || digits > 4) good = false;
        if (byte < 0x80) {
          inLength = false;
          leftInBody = length;
        }
      }
    }
    return good;
  };
}
