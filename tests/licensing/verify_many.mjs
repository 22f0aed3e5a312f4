// Checks many codes with the script of the page; asked and answered in JSON.
import { readFileSync } from "node:fs";
import { check, readStatus } from "../../static/src/verification.mjs";

const asked = JSON.parse(readFileSync(0, "utf8"));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const keys = new Map(Object.entries(asked.keys).map(([number, key]) => [number, bytes(key)]));
const status = asked.status && (await readStatus(bytes(asked.status), keys));

const said = [];
for (const text of asked.texts) {
  const { verdict, certified, services, isChecked } = await check(text, { keys, status, now: asked.now });
  said.push({ verdict, serial: certified?.serial ?? "", services: services.map(({ code, verdict }) => [code, verdict]), isChecked });
}
process.stdout.write(JSON.stringify(said));
