{% load static %}// Keeps the offline check on the machine: the network first where there is one, else what was kept.
const KEPT = "verification-{% static "build/verify.js" %}";
const PARTS = [
  "{% url "verify-offline" %}",
  "{% url "licence-status" %}",
  "{% url "licence-keys" %}",
  "{% static "build/site.css" %}",
  "{% static "build/verify.js" %}",
  "{% static "build/emblem.svg" %}",
  "{% static "build/noto-sans-khmer.woff2" %}",
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(PARTS)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name.startsWith("verification-") && name !== KEPT));
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});

async function answer(request) {
  const cache = await caches.open(KEPT);
  try {
    const fresh = await fetch(request);
    if (fresh.ok && new URL(request.url).origin === location.origin) await cache.put(request, fresh.clone());
    return fresh;
  } catch (failure) {
    const kept = await cache.match(request, { ignoreSearch: true, ignoreVary: true });
    if (kept) return kept;
    throw failure;
  }
}
