/**
 * Going on duty: where, which share of the vouchers, then the lease and its list.
 * @module
 */
import { NoAnswer, Refused } from "./api.js";
import { fill, h } from "./dom.js";
import { heldNotice } from "./held.js";
import { unlockSound } from "./feedback.js";
import { language, t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {{ id: string, name: string, address: string, desks: number }} Point */

/**
 * @param {App} app
 * @returns {import("./app.js").Screen}
 */
export function postScreen(app) {
  const body = h("div", {}, h("p", {}, t("Đang hỏi điểm phát…", "Asking for the points…")));
  const element = h("section", { class: "plain" }, heading(app), body);
  load(app).then(
    (points) => fill(body, choice(app, points, body)),
    (error) => fill(body, trouble(app, error)),
  );
  return { element };
}

/** @param {App} app */
function heading(app) {
  const { phone } = app;
  return [
    h("p", { class: "brand" }, "Lá Lành"),
    h("h1", {}, t("Vào ca phát quà", "Go on duty")),
    h("p", { class: "hint" }, phone.identity?.volunteer ?? ""),
    phone.closing || phone.waiting().length > 0
      ? h("p", { class: "note" }, t(`Ca trước còn ${phone.waiting().length} lượt và báo cáo chờ gửi; máy tự gửi khi có mạng.`, `${phone.waiting().length} records and the report of the last duty still wait; they are sent by themselves.`))
      : null,
  ];
}

/**
 * @param {App} app
 * @returns {Promise<Point[]>}
 */
async function load(app) {
  const { point_ids, name } = await app.api.call("GET", "/devices/me");
  const { identity } = app.phone;
  if (identity && identity.name !== name) await app.phone.enrolled({ ...identity, name });
  return Promise.all(point_ids.map((/** @type {string} */ id) => app.api.call("GET", `/points/${id}`)));
}

/**
 * @param {App} app
 * @param {unknown} error
 */
function trouble(app, error) {
  return [
    h("p", { class: "wrong", role: "alert" }, said(error)),
    h("button", { class: "big", type: "button", onclick: () => app.show() }, t("Thử lại", "Try again")),
    h("p", { class: "links" }, h("a", { href: "/kiem-tra-may" }, t("Kiểm tra máy", "Check this phone"))),
  ];
}

/** @param {unknown} error */
function said(error) {
  if (error instanceof NoAnswer) return t("Chưa có mạng. Cần mạng một lần để nhận danh sách phiếu; sau đó mất mạng vẫn phát được.", "No network. It is needed once, to fetch the list; after that the phone works without.");
  if (error instanceof Refused && error.code === "phone_rolled_back") {
    return t("Bộ nhớ máy này đã bị khôi phục về bản cũ. Máy không phát được nữa: nhờ cán bộ phụ trách cấp mã tham gia mới.", "This phone's storage went back to an old state. It can't hand out any more: ask the coordinator for a new code.");
  }
  return error instanceof Refused ? error.message : t("Máy không lưu được danh sách. Xóa bớt ảnh, phim rồi thử lại.", "The phone can't store the list. Delete some photos or films, then try again.");
}

/**
 * @param {App} app
 * @param {Point[]} points
 * @param {HTMLElement} body
 */
function choice(app, points, body) {
  const shares = h("div", {});
  const wrong = h("p", { class: "wrong", role: "alert" });
  const button = h("button", { class: "big" }, t("Bắt đầu phát quà", "Start"));
  const radios = points.map((point, i) => radio("point", point.id, point.name, point.address, i === 0, () => fill(shares, shareChoice(point))));
  const first = points[0];
  if (!first) return [h("p", { class: "wrong" }, t("Máy này chưa được giao điểm phát nào. Hỏi cán bộ phụ trách.", "This phone serves no point yet. Ask the coordinator."))];
  fill(shares, shareChoice(first));
  /** @param {SubmitEvent} event */
  const start = async (event) => {
    event.preventDefault();
    unlockSound();
    fill(wrong);
    button.disabled = true;
    fill(button, t("Đang nhận danh sách…", "Fetching the list…"));
    try {
      await onDuty(app, points, new FormData(/** @type {HTMLFormElement} */ (event.target)));
      onDutyNow(app, body);
    } catch (error) {
      if (app.phone.lease === null) await app.phone.stand(null);
      fill(wrong, said(error));
      button.disabled = false;
      fill(button, t("Bắt đầu phát quà", "Start"));
    }
  };
  return [
    h("form", { onsubmit: start },
      h("fieldset", {}, h("legend", {}, t("Điểm phát quà", "Point")), radios),
      shares,
      h("label", { class: "choice" }, h("input", { type: "checkbox", name: "delivery", checked: app.phone.settings.delivery }),
        h("span", {}, h("b", {}, t("Giao tận nhà", "Home delivery")), h("small", {}, t("Máy này đi theo nhóm giao quà", "This phone goes from door to door")))),
      wrong,
      button),
    h("p", { class: "links" },
      h("button", { type: "button", class: "link", onclick: () => app.speak(language() === "vi" ? "en" : "vi") }, t("English", "Tiếng Việt"))),
  ];
}

/**
 * The scanner; before it, who else holds vouchers of this desk.
 * @param {App} app
 * @param {HTMLElement} body
 */
function onDutyNow(app, body) {
  const { post } = app.phone;
  const { holders } = app.duty;
  if (!post || holders.length === 0) return app.show();
  const notice = heldNotice({ holders, desk: post.desk, left: app.phone.left(), now: app.phone.now() }, {
    go: () => app.show(),
    again: async () => {
      await app.duty.take(post);
      onDutyNow(app, body);
    },
    back: async () => {
      await app.duty.leave();
      app.show();
    },
    said,
  });
  fill(body, notice.element);
  notice.focus();
}

/** @param {Point} point */
function shareChoice(point) {
  const whole = radio("share", "0", t("Một mình máy này", "This phone alone"), t("Giữ hết phiếu của điểm", "Holds all vouchers of the point"), point.desks <= 1);
  if (point.desks <= 1) return h("fieldset", { hidden: true }, whole);
  const desks = Array.from({ length: point.desks }, (_, i) =>
    radio("share", String(i + 1), t(`Bàn ${i + 1}`, `Desk ${i + 1}`), "", i === 0));
  return h("fieldset", {}, h("legend", {}, t("Phần phiếu máy này giữ khi mất mạng", "Which vouchers this phone holds")),
    h("div", { class: "desks" }, desks), whole);
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} label
 * @param {string} more
 * @param {boolean} checked
 * @param {() => void} [chosen]
 */
function radio(name, value, label, more, checked, chosen) {
  return h("label", { class: "choice" }, h("input", { type: "radio", name, value, checked, required: true, onchange: chosen ?? null }),
    h("span", {}, h("b", {}, label), more ? h("small", {}, more) : null));
}

/**
 * @param {App} app
 * @param {Point[]} points
 * @param {FormData} form
 */
async function onDuty(app, points, form) {
  const point = points.find(({ id }) => id === form.get("point")) ?? points[0];
  if (!point) return;
  const desk = Number(form.get("share"));
  await app.phone.set({ delivery: form.get("delivery") !== null });
  await app.duty.take({
    point_id: point.id,
    point: point.name,
    desk: desk > 0 ? `Bàn ${desk}` : point.name.slice(0, 40),
    share: desk > 0 ? { desk, of: point.desks } : null,
  });
}
