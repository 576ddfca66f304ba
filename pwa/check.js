/**
 * `/kiem-tra-may`: tries what the scanner needs, and says plainly what is missing and what to do.
 * @module
 */
import { h } from "./dom.js";
import { speak, t } from "./words.js";

const list = /** @type {HTMLElement} */ (document.getElementById("checks"));
speak(document.documentElement.lang === "en" ? "en" : "vi");

/** @typedef {"good" | "soon" | "bad"} Verdict */

/** @type {Record<Verdict, () => string>} */
const VERDICTS = {
  good: () => t("Tốt", "Good"),
  soon: () => t("Nên xem", "Look"),
  bad: () => t("Thiếu", "Missing"),
};

/**
 * @param {Verdict} verdict
 * @param {string} what
 * @param {string} why
 */
function tell(verdict, what, why) {
  list.append(h("li", { class: `check ${verdict}` }, h("b", { class: "found" }, VERDICTS[verdict]()), h("span", {}, h("b", {}, what), why ? h("span", { class: "why" }, why) : null)));
}

function secure() {
  if (isSecureContext) return tell("good", "https", t("Địa chỉ an toàn.", "The address is secure."));
  tell("bad", "https", t(
    "Địa chỉ này không phải https: trình duyệt không cho dùng camera và không giữ dữ liệu khi mất mạng. Người quản trị xem tài liệu “https for phones” (docs/tls-for-phones.md).",
    "This address is not https: the browser allows no camera and keeps nothing for work without a network. The administrator reads docs/tls-for-phones.md."));
}

function worker() {
  if ("serviceWorker" in navigator && "caches" in window) return tell("good", t("Mở khi mất mạng", "Opens without a network"), "");
  tell("bad", t("Mở khi mất mạng", "Opens without a network"), t("Trình duyệt này không giữ được ứng dụng. Dùng Chrome (Android) hoặc Safari (iPhone), không dùng trình duyệt trong Zalo hay Facebook, không ẩn danh.", "This browser can't keep the app. Use Chrome (Android) or Safari (iPhone), not the browser inside Zalo or Facebook, not a private window."));
}

async function storage() {
  const what = t("Bộ nhớ", "Storage");
  try {
    await writeOnce();
  } catch {
    return tell("bad", what, t("Không ghi được. Thoát chế độ ẩn danh, hoặc xóa bớt ảnh, phim.", "Nothing can be written. Leave the private window, or delete some photos or films."));
  }
  const { quota = 0, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  const free = Math.floor((quota - usage) / (1024 * 1024));
  if (quota > 0 && free < 20) return tell("soon", what, t(`Chỉ còn ${free} MB. Xóa bớt ảnh, phim.`, `Only ${free} MB left. Delete some photos or films.`));
  const persisted = (await navigator.storage?.persisted?.()) || (await navigator.storage?.persist?.());
  if (persisted) return tell("good", what, t("Ghi được, và trình duyệt hứa giữ lâu dài.", "Can be written, and the browser promises to keep it."));
  tell("soon", what, t("Ghi được. Hãy thêm ứng dụng vào màn hình chính để trình duyệt không tự xóa.", "Can be written. Add the app to the home screen, so that the browser does not clear it."));
}

/** @returns {Promise<void>} */
function writeOnce() {
  return new Promise((done, failed) => {
    const request = indexedDB.open("lalanh-check", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("tries");
    request.onerror = () => failed(request.error);
    request.onsuccess = () => {
      const db = request.result;
      const tx = db.transaction("tries", "readwrite", { durability: "strict" });
      tx.objectStore("tries").put(new Uint8Array(1000), "one");
      tx.onabort = () => failed(tx.error);
      tx.oncomplete = () => {
        db.close();
        indexedDB.deleteDatabase("lalanh-check");
        done();
      };
    };
  });
}

async function signatures() {
  const what = t("Kiểm chữ ký phiếu trên máy", "Checks signatures itself");
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32).fill(1), { name: "Ed25519" }, false, ["verify"]);
    tell("good", what, "");
  } catch {
    tell("soon", what, t("Trình duyệt cũ: phiếu ngoài danh sách của máy chỉ kiểm được khi có mạng. Nên cập nhật trình duyệt.", "An old browser: vouchers outside this phone's list are checked only with a network. Update the browser."));
  }
}

async function reader() {
  const what = t("Đọc mã QR", "Reads QR codes");
  const native = /** @type {any} */ (window).BarcodeDetector;
  if (native && (await native.getSupportedFormats()).includes("qr_code")) return tell("good", what, t("Máy tự đọc.", "By itself."));
  if (list.dataset["reader"] === "true" && typeof WebAssembly === "object") return tell("good", what, t("Bằng bộ đọc đi kèm.", "With the reader that comes along."));
  tell("soon", what, t("Ảnh được gửi lên máy chủ để đọc: chậm hơn và cần mạng. Khi mất mạng, nhập mã 10 ký tự.", "Pictures are read by the server: slower, and only with a network. Without one, type the 10 symbols."));
}

async function camera() {
  const what = "Camera";
  if (!navigator.mediaDevices) return tell("bad", what, t("Không dùng được ở địa chỉ này (xem https ở trên).", "Not usable at this address (see https above)."));
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const { width, height } = stream.getVideoTracks()[0]?.getSettings() ?? {};
    for (const track of stream.getTracks()) track.stop();
    tell("good", what, `${width ?? "?"}×${height ?? "?"}`);
  } catch {
    tell("bad", what, t("Bị chặn hoặc không có. Chạm biểu tượng ổ khóa cạnh địa chỉ → Quyền → Camera → Cho phép, rồi thử lại.", "Blocked or missing. Tap the lock beside the address → Permissions → Camera → Allow, then try again."));
  }
}

document.getElementById("camera")?.addEventListener("click", camera);
secure();
worker();
await storage();
if (crypto.subtle) await signatures();
await reader();
