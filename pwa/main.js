/**
 * Opens the app: storage, the parts that work on it, the screen that fits what the phone knows.
 * @module
 */
import { App } from "./app.js";
import { openStore } from "./db.js";
import { fill, h } from "./dom.js";
import { Phone } from "./phone.js";
import { speak, t } from "./words.js";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
speak(/^en\b/.test(navigator.language) ? "en" : "vi");

/** Only one tab may hand out: two would not know of each other's vouchers. @returns {Promise<void>} */
function aloneOnThisPhone() {
  return new Promise((ours) => {
    if (!navigator.locks) return ours();
    navigator.locks.request("lalanh-desk", { ifAvailable: true }, (lock) => {
      if (lock) return held(ours);
      fill(
        root,
        h("section", { class: "plain" }, h("h1", {}, t("Đang mở ở thẻ khác", "Open in another tab")),
          h("p", {}, t("Màn hình quét chỉ chạy ở một thẻ. Hãy đóng thẻ kia; thẻ này sẽ tự tiếp tục.", "The scanner runs in one tab only. Close the other; this one goes on by itself."))),
      );
      return navigator.locks.request("lalanh-desk", () => held(ours));
    });
  });
}

/**
 * Keeps the lock for as long as the page lives.
 * @param {() => void} ours
 */
function held(ours) {
  ours();
  return new Promise(() => {});
}

async function start() {
  await aloneOnThisPhone();
  const store = await openStore();
  const chance = { wall: () => Date.now(), mono: () => performance.now(), uuid: () => crypto.randomUUID() };
  const phone = await Phone.open(store, chance);
  if (phone.settings.lang) speak(phone.settings.lang);
  const app = new App(root, phone, store);
  app.begin();
}

async function keepOffline() {
  await navigator.serviceWorker?.register("/sw.js", { scope: "/" });
}

start().catch(() => {
  fill(
    root,
    h("section", { class: "plain" }, h("h1", {}, t("Không mở được bộ nhớ của máy", "The phone's storage can't be opened")),
      h("p", {}, t("Trình duyệt đang ở chế độ ẩn danh, hoặc máy hết bộ nhớ.", "The browser is in private mode, or the storage is full.")),
      h("p", {}, h("a", { class: "big", href: "/kiem-tra-may" }, t("Kiểm tra máy", "Check this phone")))),
  );
});
keepOffline().catch(() => {});
