// Photos of an item, taken while the checklist is filled in: made smaller on the phone, sent one after the other, and
// sent again until they have arrived whole. Without this file a link leads to a page with a form.
const LONGEST_SIDE = 1600;
const QUALITY = 0.82;
const PATIENCE = 2000; // milliseconds before the first repeat; doubled each time
const MOST_PATIENCE = 60000;

const headers = () => ({ Accept: "application/json", ...JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") });
const element = (name, facts = {}) => Object.assign(document.createElement(name), facts);
const waiting = new Set();

async function smaller(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = element("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return (await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY))) ?? file;
  } catch {
    return file; // what this browser cannot draw is sent as it is; the server says what it thinks of it
  }
}

async function fingerprint(blob) {
  if (!crypto.subtle) return "";
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Only where the place may be read already: a photo is no moment to ask.
async function place() {
  try {
    if ((await navigator.permissions.query({ name: "geolocation" })).state !== "granted") return null;
    return await new Promise((done) =>
      navigator.geolocation.getCurrentPosition((found) => done(found.coords), () => done(null), { timeout: 5000, maximumAge: 60000 }),
    );
  } catch {
    return null;
  }
}

function widget(box) {
  const words = box.dataset;
  const queue = box.querySelector("[data-queue]");
  const list = box.querySelector("[data-list]");
  const input = element("input", { type: "file", accept: "image/*", className: "govuk-visually-hidden", id: `photo:${words.key}` });
  input.setAttribute("capture", "environment");
  const label = element("label", { className: "govuk-button govuk-button--secondary item-photos__add", textContent: words.wordsAdd });
  label.htmlFor = input.id;
  box.append(input, label);

  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    const line = queue.appendChild(element("p", { className: "govuk-body-s", textContent: words.wordsPreparing }));
    const taken = new Date(file.lastModified || Date.now());
    const [picture, point] = await Promise.all([smaller(file), place()]);
    input.value = "";
    const body = new FormData();
    body.set("file", picture, file.name.replace(/\.\w+$/, "") + ".jpg");
    body.set("item_code", words.key);
    body.set("taken_at", taken.toISOString());
    if (point) {
      body.set("latitude", point.latitude.toFixed(6));
      body.set("longitude", point.longitude.toFixed(6));
    }
    body.set("sha256", await fingerprint(picture));
    waiting.add(line);
    send(body, line, PATIENCE);
  });

  async function send(body, line, patience) {
    line.textContent = words.wordsSending;
    let answer;
    try {
      answer = await fetch(words.address, { method: "POST", body, headers: headers() });
      if (answer.status >= 500) throw new Error(answer.statusText);
    } catch {
      later(body, line, patience);
      return;
    }
    const said = await answer.json().catch(() => ({ sentence: answer.statusText }));
    waiting.delete(line);
    if (answer.ok) {
      list.innerHTML = said.photos;
      line.textContent = words.wordsKept;
      box.dispatchEvent(new CustomEvent("photo-kept", { bubbles: true, detail: said }));
    } else {
      line.textContent = said.sentence;
      line.className = "govuk-error-message";
    }
  }

  function later(body, line, patience) {
    line.textContent = `${words.wordsWaiting} `;
    const again = line.appendChild(element("button", { type: "button", className: "link-button", textContent: words.wordsAgain }));
    const go = () => {
      clearTimeout(clock);
      removeEventListener("online", go);
      send(body, line, Math.min(2 * patience, MOST_PATIENCE));
    };
    const clock = setTimeout(go, patience);
    addEventListener("online", go);
    again.addEventListener("click", go);
  }
}

document.querySelectorAll("[data-photos]").forEach(widget);
addEventListener("beforeunload", (event) => waiting.size && event.preventDefault());
