// Keeps every answer of a visit as soon as it is given: on this device at once, on the server within a second.
// What the server has not confirmed stays in localStorage, one entry an item, so that two windows do not write over
// each other, and is sent again after a lost network, a reload or a killed tab. Without this file each section is
// saved by its own button.
const page = document.getElementById("fill");
const words = page.dataset;
const [AT_ONCE, SOON, TYPING, LONGEST, PATIENCE] = [0, 200, 900, 60_000, 20_000];
const NAMES = { n: "note", s: "severity", w: "scope", c: "corrected" };
const OF_ONE_ITEM = ["wrong_answer", "unknown_item", "section_of_another"];

const queue = new Map(); // key of an item: { given, revision it was begun from, sent: what may have arrived already }
const parked = new Map(); // key: the sentence with which the server refused it
const clashes = new Map(); // key: what somebody else saved
let revision = Number(words.revision);
let token = page.querySelector("[name=csrfmiddlewaretoken]").value;
let [timer, due, delay, sending, oneByOne] = [0, Infinity, 0, null, false];
let [trouble, savedAt] = ["", ""];

// What is on the page.

const itemOf = (key) => document.getElementById(key)?.closest("[data-item]");
const inputsOf = (item) => [...item.querySelectorAll("[name]")].filter((input) => input.name.slice(2) === item.id);

function read(item) {
  const given = {};
  for (const input of inputsOf(item)) {
    if ((input.type === "radio" || input.type === "checkbox") && !input.checked) continue;
    if (input.closest("[data-weighing][hidden]")) continue;
    if (input.value.trim()) given[NAMES[input.name[0]] ?? item.dataset.item] = input.value;
  }
  return given;
}

function show(item, given) {
  const usual = { severity: item.dataset.severity, scope: "1" };
  const write = () => {
    for (const input of inputsOf(item)) {
      const name = NAMES[input.name[0]] ?? item.dataset.item;
      if (input.type === "radio" || input.type === "checkbox") input.checked = input.value === given[name];
      else input.value = given[name] ?? usual[name] ?? "";
    }
  };
  write();
  weigh(item); // may add inputs
  write();
  weigh(item);
  if (given.note) item.querySelector("[name^='n:']")?.closest("details")?.setAttribute("open", "");
}

// A no or a partly asks how grave it is and how far it reaches, and says what the two together are called.
function weigh(item) {
  if (item.dataset.item !== "answer") return;
  let box = item.querySelector("[data-weighing]");
  const failed = item.querySelector("input[value=no]:checked, input[value=partial]:checked");
  if (failed && !box) {
    box = document.getElementById("weighing").content.firstElementChild.cloneNode(true);
    for (const input of box.querySelectorAll("[name]")) input.name += item.id;
    const link = box.querySelector("[data-photos-of]");
    if (link) link.href += encodeURIComponent(item.id);
    link?.querySelector("span")?.append(` ${item.id}`);
    box.querySelector("[name^='s:']").value = item.dataset.severity;
    box.querySelector("[name^='w:']").value = "1";
    item.querySelector("fieldset").after(box);
  }
  if (!box) return;
  box.hidden = !failed;
  const [severity, scope] = ["s", "w"].map((letter) => Number(box.querySelector(`[name^='${letter}:']`).value));
  box.querySelector("[data-letter]").textContent = words.letter.replace("%s", words.grid[(severity - 1) * 3 + scope - 1]);
}

function inWords(item, given) {
  const value = given.answer ?? given.mended ?? given.value;
  const radio = [...item.querySelectorAll("input[type=radio]")].find((input) => input.value === value);
  const text = radio ? item.querySelector(`label[for="${radio.id}"]`).textContent : value;
  return [text || "–", given.note && `“${given.note}”`].filter(Boolean).join(" ");
}

function remark(item, text, buttons) {
  item.querySelector(".item__remark")?.remove();
  item.classList.toggle("govuk-form-group--error", Boolean(text));
  if (!text) return;
  const box = document.createElement("div");
  box.className = "item__remark";
  box.setAttribute("role", "alert");
  const said = document.createElement("p");
  said.className = "govuk-error-message";
  said.textContent = text;
  box.append(said);
  for (const [label, act] of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "govuk-button govuk-button--secondary";
    button.textContent = label;
    button.addEventListener("click", act);
    box.append(button);
  }
  item.append(box);
}

function say() {
  const waiting = queue.size - parked.size - clashes.size;
  const refused = parked.size + clashes.size;
  let text = savedAt && words.saved.replace("%s", savedAt);
  if (waiting > 0 && trouble) text = (trouble === "signed out" ? words.signedOut : words.waiting).replace("%s", waiting);
  else if (waiting > 0) text = words.saving;
  else if (refused) text = words.parked.replace("%s", refused);
  const state = page.querySelector("[data-state]");
  if (state.textContent !== text) state.textContent = text;
}

function showProgress({ progress, answered, asked, result, sections, hidden }) {
  page.querySelector("[data-progress]").textContent = progress;
  page.querySelector("[data-result]").textContent = result && ` · ${result}`;
  Object.assign(page.querySelector("progress"), { max: asked, value: answered });
  const away = new Set(hidden);
  for (const item of page.querySelectorAll("[data-item]")) item.hidden = away.has(item.id);
  for (const part of page.querySelectorAll("[data-part]")) {
    const counts = sections[part.id];
    part.hidden = !counts;
    if (counts) part.querySelector("[data-count]").textContent = counts.join(" / ");
  }
}

// What is kept on this device until the server has it.

function keep(key, entry) {
  queue.set(key, entry);
  try {
    localStorage.setItem(words.store + key, JSON.stringify(entry));
  } catch {
    // No room, or none allowed: the answer is still on the page, and leaving it warns.
  }
}

function drop(key) {
  queue.delete(key);
  parked.delete(key);
  clashes.delete(key);
  try {
    localStorage.removeItem(words.store + key);
  } catch {
    // Nothing was kept.
  }
}

function restore() {
  let kept = [];
  try {
    kept = Object.keys(localStorage).filter((name) => name.startsWith(words.store));
  } catch {
    return;
  }
  for (const name of kept) {
    const item = itemOf(name.slice(words.store.length));
    if (!item || item.closest("fieldset:disabled")) continue;
    const entry = JSON.parse(localStorage.getItem(name));
    queue.set(item.id, entry);
    show(item, entry.given);
  }
}

function changed(item, wait) {
  if (!item || item.closest("fieldset:disabled")) return;
  weigh(item);
  const before = queue.get(item.id);
  const clash = clashes.get(item.id);
  keep(item.id, { given: read(item), revision: before && !clash ? before.revision : revision, sent: before?.sent ?? [] });
  parked.delete(item.id);
  clashes.delete(item.id);
  remark(item, "");
  say();
  schedule(wait);
}

// What goes to the server.

function schedule(wait) {
  if (Date.now() + wait >= due) return;
  clearTimeout(timer);
  due = Date.now() + wait;
  timer = setTimeout(send, wait);
}

function later() {
  delay = Math.min(LONGEST, delay ? delay * 2 : 2000);
  schedule(delay);
}

function send() {
  clearTimeout(timer);
  due = Infinity;
  sending ??= sendBatch().finally(() => {
    sending = null;
    say();
  });
  return sending;
}

const waiting = () => [...queue].filter(([key]) => !parked.has(key) && !clashes.has(key));

async function sendBatch() {
  const all = waiting();
  if (!all.length) return;
  // Answers begun from different states of the visit are merged apart, the oldest first.
  const from = Math.min(...all.map(([, entry]) => entry.revision));
  const batch = all.filter(([, entry]) => entry.revision === from).slice(0, oneByOne ? 1 : undefined);
  for (const [key, entry] of batch) keep(key, { ...entry, sent: [...entry.sent, entry.given].slice(-5) });
  const held = new Map(batch.map(([key]) => [key, queue.get(key)]));
  say();
  const answers = Object.fromEntries(batch.map(([key, entry]) => [key, entry.given]));
  const { status, body } = await post({ revision: from, answers });
  if (!body) {
    trouble = status === "signed out" ? status : "no network";
    later();
    return;
  }
  [trouble, delay] = ["", 0];
  if (Number.isInteger(body.revision)) {
    revision = body.revision;
    for (const [key, given] of Object.entries(body.others)) meet(key, given);
    if (body.saved) for (const [key, given] of Object.entries(body.saved)) clash(key, given);
    else confirm(held, body);
  } else if (batch.length > 1 && OF_ONE_ITEM.includes(body.code)) {
    oneByOne = true;
  } else {
    for (const [key] of batch) park(key, body.sentence);
  }
  if (waiting().length) schedule(AT_ONCE);
  else oneByOne = false;
}

// An answer counts as given only where it carries what the registry's own answers carry: networks that ask for a
// login answer 200 to everything.
async function post(content) {
  const control = new AbortController();
  const patience = setTimeout(() => control.abort(), PATIENCE);
  const text = JSON.stringify(content);
  try {
    const answer = await fetch(words.address, {
      method: "POST",
      redirect: "manual",
      keepalive: text.length < 50_000,
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: text,
      signal: control.signal,
    });
    if (answer.type === "opaqueredirect") return { status: "signed out" };
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) {
      if (answer.status === 403) await newToken();
      return { status: answer.status };
    }
    const body = await answer.json();
    return Number.isInteger(body.revision) || body.sentence ? { status: answer.status, body } : { status: answer.status };
  } catch {
    return { status: "no network" };
  } finally {
    clearTimeout(patience);
  }
}

// Whoever signs in again, in another window, has another token than this page.
async function newToken() {
  const answer = await fetch(location.pathname, { redirect: "manual" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = fresh.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!found) return;
  token = found;
  for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = found;
}

function confirm(held, body) {
  savedAt = body.saved_at;
  for (const [key, entry] of held) {
    const now = queue.get(key);
    if (now === entry) drop(key);
    else if (now) keep(key, { ...now, revision });
  }
  showProgress(body);
}

// Somebody else answered another item meanwhile.
function meet(key, given) {
  const item = itemOf(key);
  if (!item) return;
  if (queue.has(key)) clash(key, given);
  else show(item, given);
}

const same = (one, other) =>
  ["answer", "value", "mended", "note"].every((name) => (one[name] ?? "").trim() === (other[name] ?? "").trim());

function clash(key, given) {
  const [item, entry] = [itemOf(key), queue.get(key)];
  if (!item || !entry) return;
  // What "somebody" saved is what this device sent before: its confirmation was lost on the way.
  if (entry.sent.some((sent) => same(sent, given)) || same(entry.given, given)) {
    keep(key, { ...entry, revision, sent: [] });
    return;
  }
  clashes.set(key, given);
  remark(item, `${words.meanwhile} ${inWords(item, given)}`, [
    [words.mine, () => changed(item, AT_ONCE)],
    [words.theirs, () => giveUp(item, given)],
  ]);
}

function park(key, sentence) {
  parked.set(key, sentence);
  const item = itemOf(key);
  if (item) remark(item, sentence, [[words.discard, () => giveUp(item, {})]]);
}

function giveUp(item, given) {
  drop(item.id);
  remark(item, "");
  show(item, given);
  say();
}

// What people do.

for (const [kind, wait] of [["change", SOON], ["input", TYPING]]) {
  page.addEventListener(kind, ({ target }) => {
    const item = target.closest("[data-item]");
    if (item && target.name?.slice(2) === item.id) changed(item, wait);
  });
}

async function leaveFor(href) {
  await sending;
  await send();
  if (queue.size === 0) location.assign(href);
  else say();
}

page.addEventListener("submit", (event) => {
  event.preventDefault();
  const to = event.submitter?.value;
  if (to === "check") {
    leaveFor(document.querySelector("[data-leave][href$='/submit/']").href);
    return;
  }
  send();
  if (to) open(document.getElementById(to), event.target.closest("details"));
});

for (const link of document.querySelectorAll("[data-leave]")) {
  link.addEventListener("click", (event) => {
    if (!queue.size) return;
    event.preventDefault();
    leaveFor(link.href);
  });
}

function open(part, instead) {
  if (instead) instead.open = false;
  part.open = true;
  part.querySelector("summary").focus({ preventScroll: true });
  part.scrollIntoView();
}

const isAnswered = (item) =>
  item.querySelector("[data-photos]") ? item.querySelector("[data-list] img") : read(item)[item.dataset.item];

const next = page.querySelector("[data-next]");
next.hidden = false;
next.addEventListener("click", () => {
  const left = [...page.querySelectorAll("[data-must]")].filter((item) => !item.closest("[hidden], fieldset:disabled"));
  const item = left.find((one) => !isAnswered(one));
  if (!item) return;
  item.closest("details[data-part]").open = true;
  item.scrollIntoView();
  item.querySelector("input, textarea, a")?.focus({ preventScroll: true });
});

addEventListener("online", () => send());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") send();
});
addEventListener("beforeunload", (event) => {
  if (queue.size) event.preventDefault();
});

const arrival = document.querySelector("[data-arrival]");
arrival?.addEventListener("submit", (event) => {
  event.preventDefault();
  const status = arrival.querySelector("[role=status]");
  if (!navigator.onLine) {
    status.textContent = arrival.dataset.offline;
    return;
  }
  const go = () => send().then(() => arrival.submit());
  if (!navigator.geolocation) {
    go();
    return;
  }
  status.textContent = arrival.dataset.asking;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      arrival.elements.latitude.value = coords.latitude.toFixed(6);
      arrival.elements.longitude.value = coords.longitude.toFixed(6);
      arrival.elements.accuracy_m.value = Math.round(coords.accuracy);
      go();
    },
    go,
    { enableHighAccuracy: true, timeout: 15_000, maximumAge: 0 },
  );
});

page.classList.add("fills-itself");
for (const item of page.querySelectorAll("[data-item=answer]")) weigh(item);
restore();
send();
