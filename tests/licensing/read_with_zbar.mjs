// ZBar, compiled for Node: the texts of all codes in a grey picture, {width, height, grey: base64} on standard input.
import { scanGrayBuffer } from "@undecaf/zbar-wasm";
import { readFileSync } from "node:fs";

const { width, height, grey } = JSON.parse(readFileSync(0, "utf8"));
const pixels = Uint8Array.from(Buffer.from(grey, "base64"));
const symbols = await scanGrayBuffer(pixels.buffer, width, height);
process.stdout.write(JSON.stringify(symbols.map((symbol) => symbol.decode())));
