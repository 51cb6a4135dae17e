// Corrects the CONNACK of aedes, which denies what this broker has: shared subscriptions, and
// sessions without filters. aedes builds it out of reach, so its bytes are corrected when they
// leave. (aedes 2.0.0-beta.1, lib/handlers/connect.js `connackProperties`; remove when it asks.)

/** The packet's first byte, and where its flags, its reason and its properties' length are. */
const CONNACK = 0x20;
const FLAGS_AT = 2;
const REASON_AT = 3;
const PROPERTIES_LENGTH_AT = 4;
/** The property Shared Subscription Available, which aedes writes first, and writes 0. */
const SHARED_SUBSCRIPTION_AVAILABLE = 0x2a;
const PROPERTY_BYTES = 2;
/** Beyond it a length has a second byte; aedes' CONNACK is never that long. */
const SHORT_MAX = 127;

/** The first bytes that leave a connection; those of a CONNACK that says yes are corrected. */
export function correctConnack(bytes: Buffer, version: number, isResumed: boolean): Buffer {
  const [type, remaining = 0] = bytes;
  if (type !== CONNACK || bytes[REASON_AT] !== 0 || remaining > SHORT_MAX) return bytes;
  bytes[FLAGS_AT] = Number(isResumed); // [MQTT-3.2.2-2], [MQTT-3.2.2-3]
  const propertiesAt = PROPERTIES_LENGTH_AT + 1;
  if (version !== 5 || bytes[propertiesAt] !== SHARED_SUBSCRIPTION_AVAILABLE) return bytes;
  bytes[1] = remaining - PROPERTY_BYTES;
  bytes[PROPERTIES_LENGTH_AT] = (bytes[PROPERTIES_LENGTH_AT] ?? 0) - PROPERTY_BYTES;
  const rest = bytes.subarray(propertiesAt + PROPERTY_BYTES);
  return Buffer.concat([bytes.subarray(0, propertiesAt), rest]);
}
