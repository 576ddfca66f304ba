/**
 * What is always in view: network, age of the list, what waits, how much was handed out; and what is wrong.
 * @module
 */
import { fill, h, icon } from "./dom.js";
import { heldBriefly } from "./held.js";
import { age, clock } from "./view.js";
import { t } from "./words.js";

/**
 * @param {import("./app.js").App} app
 * @returns {{ element: HTMLElement, update: () => void }}
 */
export function statusBar(app) {
  const net = h("p", { class: "net", role: "status" });
  const facts = h("p", { class: "facts" });
  const list = h("p", { class: "list" });
  const place = h("p", { class: "place" });
  const counts = h("p", { class: "counts" });
  const alerts = h("div", { class: "alerts" });
  let before = "";
  const update = () => {
    const { phone, link, storageLow } = app;
    const waiting = phone.waiting().length + phone.undos.size;
    const listAge = phone.fetched ? age(phone.chance.wall() - phone.fetched.at) : "";
    const usable = phone.usable();
    const key = JSON.stringify([link.online, waiting, listAge, phone.today(), phone.left(), usable, phone.revoked, phone.rolledBack, storageLow, phone.rejected().length, [...app.unclear.keys()], phone.settings.delivery, heldHere(app)]);
    if (key === before) return;
    before = key;
    const online = link.online;
    net.className = online ? "net on" : "net off";
    fill(net, online ? t("Có mạng", "Online") : t("Mất mạng", "Offline"));
    fill(facts, h("span", { class: waiting > 0 ? "waits" : "" }, t(`Chờ gửi ${waiting}`, `Waiting ${waiting}`)));
    fill(list, listAge ? t(`Danh sách: ${listAge}`, `List: ${listAge}`) : t("Chưa có danh sách", "No list"));
    fill(place, h("b", {}, phone.settings.delivery ? t("Giao tận nhà", "Home delivery") : (phone.post?.desk ?? "")), phone.post?.point === phone.post?.desk ? "" : ` · ${phone.post?.point ?? ""}`);
    fill(counts, h("b", {}, String(phone.today())), phone.lease ? ` / ${phone.today() + phone.left()}` : "", t(" đã phát", " done"));
    fill(alerts, alarms(app, usable));
  };
  return { element: h("header", { class: "status" }, h("div", { class: "row" }, net, facts), h("div", { class: "row" }, h("div", { class: "place-and-list" }, place, list), counts), alerts), update };
}

/**
 * The phones that hold this desk's vouchers, while there is none left here: nothing to hand out is not the same as done.
 * @param {import("./app.js").App} app
 */
function heldHere({ phone, duty }) {
  return phone.left() > 0 || duty.holders.length === 0 ? null : heldBriefly(duty.holders, phone.now());
}

/**
 * @param {import("./app.js").App} app
 * @param {string} text
 */
function heldAlarm(app, text) {
  /** @param {Event} event */
  const again = async (event) => {
    const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
    button.disabled = true;
    await app.duty.refresh(0);
    button.disabled = false;
    app.changed();
  };
  return h("div", { class: "alarm", role: "alert" }, h("p", {}, text),
    h("p", { class: "pair" }, h("button", { class: "undo", type: "button", onclick: again }, t("Đã giải phóng, hỏi lại", "Released, ask again"))));
}

/**
 * @param {import("./app.js").App} app
 * @param {boolean} usable
 */
function alarms(app, usable) {
  const { phone } = app;
  /** @param {string} text */
  const alarm = (text) => h("p", { class: "alarm", role: "alert" }, text);
  const rejected = phone.rejected().length;
  const held = heldHere(app);
  return [
    phone.revoked ? alarm(t("Máy này đã bị thu hồi: không phát nữa. Những lượt đã ghi vẫn được gửi. Báo cán bộ phụ trách.", "This phone was revoked: hand out nothing more. What was recorded is still sent. Tell the coordinator.")) : null,
    phone.rolledBack ? alarm(t("Bộ nhớ máy này đã trở về bản cũ: không phát nữa. Những lượt đã ghi vẫn được gửi. Nhờ cán bộ phụ trách cấp mã tham gia mới.", "This phone's storage went back to an old state: hand out nothing more. What was recorded is still sent. Ask the coordinator for a new code.")) : null,
    !phone.stopped() && phone.lease && !usable ? alarm(t("Hết thời hạn phát không cần mạng (hoặc đồng hồ máy bị chỉnh). Tìm chỗ có mạng để làm mới.", "The time for work without a network is over (or the clock was changed). Find a network to refresh it.")) : null,
    held ? heldAlarm(app, held) : null,
    app.storageLow ? alarm(t("Bộ nhớ máy gần đầy. Xóa bớt ảnh, phim.", "The phone's storage is nearly full. Delete some photos or films.")) : null,
    rejected > 0 ? alarm(t(`${rejected} lượt máy chủ không nhận. Báo cán bộ phụ trách.`, `${rejected} records were not taken by the server. Tell the coordinator.`)) : null,
    ...[...app.unclear.values()].map(({ attempt, serial }) => unclear(app, attempt, serial)),
  ];
}

/**
 * The server took a scan, but its answer never came: only the volunteer knows whether the goods left.
 * @param {import("./app.js").App} app
 * @param {import("./types.js").Attempt} attempt
 * @param {number | null} serial
 */
function unclear(app, attempt, serial) {
  /** @param {boolean} given */
  const settle = async (given) => {
    app.unclear.delete(attempt.nonce);
    if (given) await app.phone.answered(attempt, true);
    else {
      await app.phone.undo(attempt.nonce, attempt.voucher);
      await app.phone.answered(attempt, false);
    }
    app.tick();
  };
  const at = clock(Date.parse(attempt.body.scanned_at));
  const which = serial === null ? t(`Lượt quét lúc ${at}`, `The scan at ${at}`) : t(`Phiếu số ${serial} quét lúc ${at}`, `Voucher no. ${serial}, scanned at ${at},`);
  return h("div", { class: "alarm", role: "alert" },
    h("p", {}, icon("ask"), which, t(" mất trả lời, nhưng máy chủ đã ghi nhận. Đã đưa quà cho người đó chưa?", " lost its answer, but the server took it. Was it handed over?")),
    h("p", { class: "pair" },
      h("button", { class: "undo", type: "button", onclick: () => settle(true) }, t("Đã đưa", "Yes, given")),
      h("button", { class: "undo", type: "button", onclick: () => settle(false) }, t("Chưa đưa", "No, not yet"))));
}
