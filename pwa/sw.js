// Keeps the app for work without a network. The server writes the list in front of this text (`APP`): the version, what every
// phone keeps, and the code reader that only some need.
//
// A new version waits until no page of the old one is open: the app never changes under the volunteer's hands.

const CACHE = `lalanh-${APP.version}`;
const SHELLS = ["/quet", "/enrol"];
const worker = /** @type {import("./worker.js").Worker} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", (event) => event.waitUntil(keep()));

async function keep() {
  // A phone that needed the reader before will need it after, and may have no network then.
  const needed = APP.reader[0] && (await holdsReader()) ? APP.reader : [];
  const cache = await caches.open(CACHE);
  await cache.addAll([...SHELLS, "/manifest.webmanifest", ...APP.kept, ...needed].map((url) => new Request(url, { cache: "reload" })));
}

async function holdsReader() {
  for (const name of await caches.keys()) {
    const held = await (await caches.open(name)).keys();
    if (held.some(({ url }) => url.endsWith(".wasm"))) return true;
  }
  return false;
}

worker.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));

async function forgetOthers() {
  for (const name of await caches.keys()) if (name.startsWith("lalanh-") && name !== CACHE) await caches.delete(name);
  await worker.clients.claim();
}

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  const shell = request.mode === "navigate" && SHELLS.includes(pathname);
  if (shell || pathname.startsWith("/app/") || pathname === "/manifest.webmanifest") event.respondWith(answer(request, shell ? pathname : request));
});

/**
 * What is kept, else the network; the reader is kept once somebody loaded it.
 * @param {Request} request
 * @param {string | Request} key
 */
async function answer(request, key) {
  const kept = await caches.match(key);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && APP.reader.includes(new URL(request.url).pathname)) {
    const cache = await caches.open(CACHE);
    await cache.put(request, response.clone());
  }
  return response;
}
