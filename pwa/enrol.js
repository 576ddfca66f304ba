/**
 * A phone joins: the code from the coordinator's QR, the volunteer's name, a token of its own. On iPhones the app goes to the home
 * screen first, because there it gets a storage of its own that Safari does not clear.
 * @module
 */
import { NoAnswer, Refused } from "./api.js";
import { fill, h } from "./dom.js";
import { language, t } from "./words.js";

/** @typedef {import("./app.js").App} App */

const isIphone = () => /iPhone|iPad|iPod/.test(navigator.userAgent);
const isInstalled = () => matchMedia("(display-mode: standalone)").matches || /** @type {any} */ (navigator).standalone === true;

/**
 * @param {App} app
 * @returns {import("./app.js").Screen}
 */
export function enrolScreen(app) {
  const element = h("section", { class: "plain" });
  if (isIphone() && !isInstalled()) fill(element, toHomeScreen(() => fill(element, form(app))));
  else fill(element, form(app));
  return { element };
}

/** @param {() => void} stay */
function toHomeScreen(stay) {
  return [
    h("h1", {}, t("Thêm vào Màn hình chính", "Add to Home Screen")),
    h("p", {}, t("Trên iPhone, làm bước này trước để dữ liệu không bị xóa:", "On an iPhone, do this first so that nothing is lost:")),
    h(
      "ol",
      { class: "steps" },
      h("li", {}, t("Chạm nút Chia sẻ (ô vuông có mũi tên lên).", "Tap Share (the square with an arrow).")),
      h("li", {}, t("Chọn “Thêm vào Màn hình chính”.", "Choose “Add to Home Screen”.")),
      h("li", {}, t("Mở “Lá Lành” từ màn hình chính rồi ghi tên ở đó.", "Open “Lá Lành” from the home screen and go on there.")),
    ),
    h("button", { class: "big second", type: "button", onclick: stay }, t("Tôi không thêm được", "I can't add it")),
  ];
}

/** @param {App} app */
function form(app) {
  const given = decodeURIComponent(location.hash.slice(1));
  const wrong = h("p", { class: "wrong", role: "alert" });
  const name = h("input", { id: "volunteer", maxlength: 100, autocomplete: "name", required: true });
  const code = h("input", {
    id: "code", value: given, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 40, required: true,
  });
  const button = h("button", { class: "big" }, t("Tham gia", "Join"));
  /** @param {Event} event */
  const join = async (event) => {
    event.preventDefault();
    fill(wrong);
    button.disabled = true;
    try {
      await enrol(app, code.value, name.value);
    } catch (error) {
      fill(wrong, said(error));
      button.disabled = false;
    }
  };
  return [
    h("p", { class: "brand" }, "Lá Lành"),
    h("h1", {}, t("Tình nguyện viên phát quà", "Volunteer at a point")),
    h(
      "form",
      { onsubmit: join },
      h("div", { class: "field", hidden: given !== "" },
        h("label", { for: "code" }, t("Mã tham gia", "Code")),
        h("p", { class: "hint", id: "code-hint" }, t("Quét mã QR trên màn hình của cán bộ phụ trách, hoặc nhập mã ở dưới nó.", "Scan the QR on the coordinator's screen, or type the code below it.")),
        code),
      h("div", { class: "field" },
        h("label", { for: "volunteer" }, t("Tên của bạn", "Your name")),
        h("p", { class: "hint" }, t("Để cán bộ phụ trách biết ai giữ máy này.", "So that the coordinator knows who holds this phone.")),
        name),
      wrong,
      button,
    ),
    h("p", { class: "links" },
      h("a", { href: "/kiem-tra-may" }, t("Kiểm tra máy", "Check this phone")),
      h("button", { type: "button", class: "link", onclick: () => app.speak(language() === "vi" ? "en" : "vi") }, t("English", "Tiếng Việt"))),
  ];
}

/**
 * @param {App} app
 * @param {string} code
 * @param {string} volunteer
 */
async function enrol(app, code, volunteer) {
  const body = { enrol_code: code.trim(), volunteer: volunteer.trim() };
  const { device_id, token } = await app.api.call("POST", "/devices/enrol", { body });
  // A phone that was revoked and joins anew is another phone: nothing of the old one is owed any more.
  await app.store.clear();
  const identity = { device_id, token, volunteer: body.volunteer, name: "" };
  await app.store.write({ meta: { identity, settings: app.phone.settings } });
  await navigator.storage?.persist?.();
  // An iPhone's home screen opens this very address: it must stay good.
  if (isIphone()) location.reload();
  else location.replace("/quet");
}

/** @param {unknown} error */
function said(error) {
  if (error instanceof NoAnswer) return t("Chưa nối được máy chủ. Kiểm tra mạng rồi thử lại.", "The server can't be reached. Check the network and try again.");
  return error instanceof Refused ? error.message : t("Không lưu được trên máy này.", "Nothing can be stored on this phone.");
}
