// The page that checks certificates by itself: a camera, a picture or pasted text; also without a network.
import { decodeQRBatch } from "qr/decode.js";
import { check, keysOf, readStatus } from "./verification.mjs";

const page = document.querySelector("[data-verify]");
const LARGEST = 2600; // pixels of the longer side; what a telephone takes is larger and no easier to read

const part = (name) => page.querySelector(`[data-part="${name}"]`);
const months = page.dataset.months.split("|"); // not every browser knows the Khmer ones
const CLOCK = new Intl.DateTimeFormat("en", {
  ...{ year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  timeZone: "Asia/Phnom_Penh",
});

function moment(seconds) {
  const parts = Object.fromEntries(CLOCK.formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
  return { day: `${parts.day} ${months[parts.month - 1]} ${parts.year}`, time: `${parts.hour}:${parts.minute}` };
}

const day = (seconds) => moment(seconds).day;

let knowledge;

async function learn() {
  const [set, list] = await Promise.all([fetch(page.dataset.keys), fetch(page.dataset.status)]);
  if (!set.ok) throw new Error("no keys");
  const names = await set.json();
  const keys = keysOf(names);
  const status = list.ok ? await readStatus(new Uint8Array(await list.arrayBuffer()), keys) : null;
  return { names, keys, status };
}

async function answer(text) {
  try {
    knowledge = await learn();
  } catch {
    if (!knowledge) return say("no-keys");
  }
  show(await check(text, { ...knowledge, now: Math.floor(Date.now() / 1000) }));
}

function show({ verdict, certified, services, isChecked }) {
  part("answer").replaceChildren();
  const shown = part("template").content.cloneNode(true);
  const put = (name, words) => {
    const place = shown.querySelector(`[data-put="${name}"]`);
    place.textContent = words ?? "";
    place.closest("[data-row]")?.toggleAttribute("hidden", !words);
  };
  const words = [...page.querySelectorAll("[data-verdict]")].find((element) => element.dataset.verdict === verdict);
  shown.querySelector("[data-box]").className = `verdict verdict--${words.dataset.colour}`;
  put("verdict", words.dataset.word);
  put("other", words.dataset.other);
  shown.querySelector('[data-put="meaning"]').replaceChildren(...words.cloneNode(true).childNodes);
  put("name_km", certified?.nameKm);
  put("name_en", certified?.nameEn);
  put("facility", certified?.facility);
  put("address", certified?.address);
  put("area_km", certified?.areaKm);
  put("area_en", certified?.areaEn);
  put("licence", certified?.licence);
  put("type", certified && named("licence_types", certified.type));
  put("first", certified && day(certified.validFrom));
  put("last", certified && day(certified.end - 1));
  shown.querySelector("[data-certified]").toggleAttribute("hidden", !certified);
  shown.querySelector("[data-none]").toggleAttribute("hidden", !certified || services.length > 0);
  shown.querySelector("[data-unchecked]").toggleAttribute("hidden", isChecked);
  const status = knowledge.status;
  put("as-of", status ? `${day(status.issuedAt)} ${moment(status.issuedAt).time}` : "–");
  shown.querySelector("[data-services]").append(...services.map((service) => row(service)));
  part("answer").append(shown);
  part("answer").focus();
}

function row({ code, verdict, until }) {
  const shown = part("service").content.cloneNode(true);
  const word = page.querySelector(`[data-verdict="${verdict}"]`).dataset;
  shown.querySelector("dt").textContent = named("services", code);
  const tag = shown.querySelector("strong");
  tag.textContent = word.word;
  tag.className = `govuk-tag govuk-tag--${word.colour}`;
  const held = shown.querySelector("[data-until]");
  held.textContent = verdict === "valid" ? held.dataset.until.replace("%day%", day(until * 86_400)) : "";
  return shown;
}

function named(catalogue, code) {
  const names = knowledge.names[catalogue]?.[code];
  return names ? names.join(" – ") : code;
}

function say(name) {
  const words = page.querySelector(`[data-say="${name}"]`).cloneNode(true);
  words.hidden = false;
  part("answer").replaceChildren(words);
  part("answer").focus();
}

// The text of the large code in a picture, read by the browser where it can. The paper bears a second code, an address.
async function read(image, width, height) {
  const large = (texts) => texts.find((text) => typeof text === "string" && text.startsWith("KHL1:"));
  if ("BarcodeDetector" in window) {
    try {
      const found = await new BarcodeDetector({ formats: ["qr_code"] }).detect(image);
      const text = large(found.map((code) => code.rawValue));
      if (text) return text;
    } catch {
      // Some browsers name the detector and have none.
    }
  }
  const scale = Math.min(1, LARGEST / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const [found] = await decodeQRBatch([context.getImageData(0, 0, canvas.width, canvas.height)]);
  return large(found);
}

part("file").addEventListener("change", async () => {
  const [file] = part("file").files;
  if (!file) return;
  try {
    const image = await createImageBitmap(file);
    const text = await read(image, image.width, image.height);
    await (text ? answer(text) : say("no-code"));
  } catch {
    say("no-code");
  }
});

part("text").addEventListener("submit", (event) => {
  event.preventDefault();
  answer(new FormData(event.target).get("q").trimStart());
});

part("camera").addEventListener("click", async () => {
  const video = part("video");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } });
  } catch {
    return say("no-camera");
  }
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  while (stream.active && !video.hidden) {
    const text = video.videoWidth ? await read(video, video.videoWidth, video.videoHeight) : undefined;
    if (text) {
      video.hidden = true;
      stream.getTracks().forEach((track) => track.stop());
      return answer(text);
    }
    await new Promise((done) => setTimeout(done, 150));
  }
});

page.hidden = false;
part("camera").hidden = !navigator.mediaDevices?.getUserMedia;
learn().then((learnt) => (knowledge = learnt)).catch(() => {});
navigator.serviceWorker?.register(page.dataset.worker).then(() => navigator.serviceWorker.ready).then(() => {
  page.querySelector('[data-say="kept"]').hidden = false;
}).catch(() => {});
