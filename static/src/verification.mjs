// What the text of a QR code is worth, worked out on the spot: COSE_Sign1 with Ed25519, as docs/certificates.md describes.
// Runs in a browser and in Node alike; nothing here knows a page.
import { verifyAsync } from "@noble/ed25519";
import { decode, encode } from "cborg";

const PREFIX = "KHL1:";
const ISSUER = "moh.gov.kh";
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const EDDSA = -8;
const LICENCE = "KHL1 licence";
const STATUS = "KHL1 status";
const LICENSED = -65537;
const EXCEPTIONS = -65538;
const STATES = { 1: "suspended", 2: "revoked", 3: "surrendered", 4: "replaced" };
const DAY = 86_400;
const CAMBODIA = 7 * 3600; // the whole country, all the year
const CLOCK_SLACK = 300;
const STRICT = { useMaps: true, strict: true, allowIndefinite: false, allowUndefined: false, rejectDuplicateMapKeys: true };

class Forged extends Error {}

// The public keys by their numbers, from the register's JSON Web Key Set.
export function keysOf(set) {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  return new Map(set.keys.filter((key) => key.kty === "OKP" && key.crv === "Ed25519").map((key) => [key.kid, bytes(key.x)]));
}

// { issuedAt, expiresAt (seconds), exceptions by serial number }, or null for a list that nobody signed.
export async function readStatus(message, keys) {
  try {
    const claims = decode(await signedPayload(message, keys, STATUS), STRICT);
    const [issuer, expiresAt, issuedAt] = [claims.get(1), claims.get(4), claims.get(6)];
    if (issuer !== ISSUER || !(expiresAt - issuedAt <= DAY)) return null;
    const exceptions = new Map();
    for (const [serial, [state, services]] of claims.get(EXCEPTIONS)) {
      const fallen = new Map([...services].map(([code, word]) => [code, STATES[word]]));
      exceptions.set(text(serial), { state: STATES[state] ?? "", services: fallen });
    }
    return { issuedAt, expiresAt, exceptions };
  } catch {
    return null;
  }
}

// { verdict, certified, services: [{code, verdict, until}], isChecked }. Without a list that is good at `now` (seconds)
// isChecked is false: genuine and unexpired is then all that can be said.
export async function check(qrText, { keys, status, now }) {
  let certified;
  try {
    certified = certifiedOf(decode(await signedPayload(messageOf(qrText), keys, LICENCE), STRICT));
  } catch {
    return { verdict: "forged", services: [], isChecked: true };
  }
  const isChecked = Boolean(status) && status.issuedAt <= now + CLOCK_SLACK && now < status.expiresAt;
  const known = status?.exceptions.get(certified.serial);
  const verdict = inTime(certified.validFrom, certified.end, now, known?.state);
  const today = Math.floor((now + CAMBODIA) / DAY);
  const services = certified.services.map(([code, first, last]) => ({
    code,
    until: last,
    verdict: verdict === "valid" ? inTime(first, last + 1, today, known?.services.get(code)) : verdict,
  }));
  return { verdict, certified, services, isChecked };
}

function inTime(start, end, now, state) {
  if (state) return state;
  if (now < start) return "upcoming";
  return now < end ? "valid" : "expired";
}

function certifiedOf(claims) {
  if (claims.get(1) !== ISSUER) throw new Forged();
  const licensed = claims.get(LICENSED);
  const [facility, nameKm, nameEn, address, areaKm, areaEn, type, services] = [1, 2, 3, 4, 5, 6, 7, 8].map((key) => licensed.get(key));
  return {
    serial: text(claims.get(7)),
    licence: claims.get(2),
    end: claims.get(4),
    validFrom: claims.get(5),
    issuedAt: claims.get(6),
    ...{ facility, nameKm, nameEn, address, areaKm, areaEn, type, services },
  };
}

// A message has one form only, so it is written anew and compared.
async function signedPayload(message, keys, purpose) {
  if (message[0] !== 0xd2) throw new Forged();
  const parts = decode(message.subarray(1), STRICT);
  if (!Array.isArray(parts) || parts.length !== 4) throw new Forged();
  const [protectedPart, unprotected, payload, signature] = parts;
  if (![protectedPart, payload, signature].every((part) => part instanceof Uint8Array)) throw new Forged();
  if (!(unprotected instanceof Map) || unprotected.size) throw new Forged();
  if (!same(encode([protectedPart, new Map(), payload, signature]), message.subarray(1))) throw new Forged();
  const keyNumber = decode(protectedPart, STRICT).get(4);
  if (!(keyNumber instanceof Uint8Array)) throw new Forged();
  const header = new Map([[1, EDDSA], [4, keyNumber]]);
  if (!same(encode(header), protectedPart)) throw new Forged();
  const key = keys.get([...keyNumber].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  if (!key) throw new Forged();
  const signed = encode(["Signature1", protectedPart, new TextEncoder().encode(purpose), payload]);
  if (!(await isSignedBy(key, signature, signed))) throw new Forged();
  return payload;
}

async function isSignedBy(key, signature, signed) {
  try {
    const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, signed);
  } catch (failure) {
    if (failure.name !== "NotSupportedError") return false;
    return verifyAsync(signature, signed, key, { zip215: false }).catch(() => false); // a browser without Ed25519
  }
}

export function messageOf(qrText) {
  if (!qrText.startsWith(PREFIX)) throw new Forged();
  const signs = [...qrText.slice(PREFIX.length)].map((sign) => ALPHABET.indexOf(sign));
  if (signs.includes(-1) || signs.length % 3 === 1) throw new Forged();
  const bytes = [];
  for (let at = 0; at < signs.length; at += 3) {
    const isWhole = at + 2 < signs.length;
    const value = signs[at] + 45 * signs[at + 1] + (isWhole ? 2025 * signs[at + 2] : 0);
    if (value > (isWhole ? 0xffff : 0xff)) throw new Forged();
    bytes.push(...(isWhole ? [value >> 8, value & 0xff] : [value]));
  }
  return Uint8Array.from(bytes);
}

const text = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
