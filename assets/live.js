// Keeps the overview's numbers new from the server's events. Without this script the page shows the same numbers,
// as they were when it was loaded. What is not on the page yet (a new item, a new round) is fetched once, as HTML.
const connection = document.getElementById("connection");
const words = () => document.getElementById("live").dataset;
let stock = null;
let redemption = null;
let phones = null;

/** Beyond so many rows only those that matter now are shown: the server's rule in src/dashboard/pages.rs. */
const SHOWN_ROWS = 150;
/** What is empty within so many minutes stands at the top. */
const ALERT_MINUTES = 60;

const group = (n) => String(Math.abs(n)).replace(/\B(?=(\d{3})+$)/g, ".");
const number = (n) => (n < 0 ? "-" : "") + group(n);

function amount(quantity, decimals) {
  const scale = 10 ** decimals;
  const rest = Math.abs(quantity % scale);
  const whole = (quantity < 0 ? "-" : "") + group(Math.trunc(quantity / scale));
  return rest === 0 ? whole : `${whole},${String(rest).padStart(decimals, "0").replace(/0+$/, "")}`;
}

const ofHundred = (part, whole) => (whole > 0 ? Math.trunc((Math.min(Math.max(part, 0), whole) * 100) / whole) : 0);
const sum = (rows, value) => rows.reduce((total, row) => total + value(row), 0);
const field = (within, name) => within.querySelector(`[data-f="${name}"]`);

function put(within, name, text) {
  const place = field(within, name);
  if (place && place.textContent !== text) place.textContent = text;
}

function bar(within, name, width) {
  field(within, name)?.setAttribute("width", width);
}

function state(within, name, kind, text) {
  const place = field(within, name);
  if (place) place.className = `state ${kind}`;
  put(within, name, text);
}

function spark(within, minutes) {
  const most = Math.max(1, ...minutes);
  const bars = field(within, "spark")?.children ?? [];
  minutes.forEach((units, at) => {
    const height = units === 0 ? 1 : Math.max(2, Math.trunc((units * 16) / most));
    bars[at]?.setAttribute("y", 16 - height);
    bars[at]?.setAttribute("height", height);
  });
}

const roundKey = (row) => `${row.round_id}:${row.point_id ?? ""}`;
const stockKey = (row) => `${row.point_id}:${row.item_id}`;
const shown = () =>
  stock.items.filter((row) => stock.items.length <= SHOWN_ROWS || row.promised > 0 || row.state !== "enough");
const alerts = () => stock.items.filter((row) => row.empty_in_minutes !== null && row.empty_in_minutes <= ALERT_MINUTES);

/** Takes the rows that changed or came into what is known. */const stuck = () => phones.phones.filter((phone) => phone.stuck);

function takeChanges(changes) {
  if (!stock) return;
  const rows = new Map(stock.items.map((row) => [stockKey(row), row]));
  for (const row of changes.items) rows.set(stockKey(row), row);
  stock = { items: [...rows.values()], packages: changes.packages };
}

/** Whether the page has just these rows. */
function has(attribute, keys) {
  const there = [...document.querySelectorAll(`[data-${attribute}]`)].map((row) => row.dataset[attribute]);
  return there.length === keys.length && keys.every((key) => there.includes(key));
}

function showStock() {
  for (const row of alerts()) {
    const line = document.querySelector(`[data-alert="${stockKey(row)}"]`);
    const text = words().empties.replace("{}", String(row.empty_in_minutes));
    state(line, "empties", row.empty_in_minutes < 20 ? "short" : "low", text);
  }
  for (const row of shown()) {
    const line = document.querySelector(`[data-stock="${stockKey(row)}"]`);
    for (const name of ["on_hand", "promised", "available"]) put(line, name, amount(row[name], row.decimals));
    const most = Math.max(row.on_hand, row.promised);
    bar(line, "there-bar", ofHundred(row.on_hand, most));
    bar(line, "promised-bar", ofHundred(row.promised, most));
    state(line, "state", row.state === "out" ? "short" : row.state, words()[row.state]);
  }
}

function showRounds() {
  for (const row of redemption.rounds) {
    const line = document.querySelector(`[data-round="${roundKey(row)}"]`);
    for (const name of ["served", "vouchers", "refused"]) put(line, name, number(row[name]));
    put(line, "state", words()[row.state]);
    bar(line, "served-bar", ofHundred(row.served, row.vouchers));
    spark(line, row.per_minute);
  }
}

function showPhones() {
  for (const phone of phones.phones) {
    const line = document.querySelector(`[data-phone="${phone.device_id}"]`);
    if (phone.revoked) state(line, "state", "short", words().revoked);
    else state(line, "state", phone.online ? "enough" : "low", phone.online ? words().online : words().away);
    for (const name of ["held", "missing"]) put(line, name, number(phone[name]));
  }
  for (const phone of stuck()) {
    const line = document.querySelector(`[data-stuck="${phone.device_id}"]`);
    put(line, "stuck", words().stuckWords.replace("{}", number(phone.held)));
  }
}

/** What the page can't show by changing numbers alone: other rows, another remedy, other reasons. */
function shape() {
  const fixes = shown().map((row) => (row.fix ? `${stockKey(row)} ${row.fix.from_point_id} ${row.fix.quantity}` : ""));
  return JSON.stringify([fixes, redemption.refusals]);
}

let shaped = "";

function fits() {
  return (
    has("stock", shown().map(stockKey)) &&
    has("alert", alerts().map(stockKey)) &&
    has("round", redemption.rounds.map(roundKey)) &&
    has("phone", phones.phones.map((phone) => phone.device_id)) &&
    has("stuck", stuck().map((phone) => phone.device_id))
  );
}

function showTotals() {
  const totals = document.querySelector(".deciders");
  const served = sum(redemption.rounds, (row) => row.served);
  const vouchers = sum(redemption.rounds, (row) => row.vouchers);
  put(totals, "served", number(served));
  put(totals, "vouchers", number(vouchers));
  bar(totals, "served-bar", ofHundred(served, vouchers));
  put(totals, "possible", number(sum(stock.packages, (row) => row.possible)));
  const missing = sum(stock.packages, (row) => Math.max(row.needed - row.possible, 0));
  const waiting = sum(stock.packages, (row) => row.needed);
  if (missing > 0) state(totals, "possible-state", "short", `${words().missing} ${number(missing)}`);
  else state(totals, "possible-state", "enough", `${words().suffices} ${number(waiting)}`);
  const minutes = Array.from({ length: 10 }, (_, at) => sum(redemption.rounds, (row) => row.per_minute[at]));
  const recent = minutes.reduce((total, units) => total + units, 0);
  put(totals, "rate", `${Math.trunc(recent / 10)},${recent % 10}`);
  spark(totals, minutes);
  put(totals, "conflicts", number(redemption.open_conflicts));
  if (redemption.open_conflicts > 0) state(totals, "conflicts-state", "short", words().settle);
  else state(totals, "conflicts-state", "enough", words().none);
}

/** Takes the page's content anew; leads to the login when that has ended. */
async function takeAnew() {
  // Nobody need be there: this keeps no login alive.
  const answer = await fetch("/", { headers: { accept: "text/html", "x-unattended": "1" } });
  if (answer.redirected || answer.status === 401) {
    location.assign(answer.redirected ? answer.url : "/login");
    return;
  }
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("live");
  if (fresh) document.getElementById("live").replaceWith(document.adoptNode(fresh));
}

function say(text, lost) {
  connection.classList.toggle("lost", lost);
  connection.textContent = text;
}

let at = "";

/** Other remedies and reasons are fetched no more often than this, in milliseconds. */
const SHAPE_EVERY = 5000;
let shapedAt = 0;

async function show() {
  if (!stock || !redemption || !phones) return;
  const now = shape();
  const stale = now !== shaped && Date.now() - shapedAt >= SHAPE_EVERY;
  if (!fits() || (stale && shaped !== "")) {
    shapedAt = Date.now();
    shaped = now;
    await takeAnew();
  } else if (document.querySelector(".deciders")) {
    if (shaped === "") shaped = now;
    showStock();
    showRounds();
    showPhones();
    showTotals();
  }
  at = new Date().toLocaleTimeString("vi-VN", { timeZone: "Asia/Ho_Chi_Minh" });
  say(`${connection.dataset.live} ${at}`, false);
}

function connect() {
  const events = new EventSource("/api/v1/stock/live?changes=true");
  events.addEventListener("stock", (event) => {
    stock = JSON.parse(event.data);
    show();
  });
  events.addEventListener("stock_changes", (event) => {
    takeChanges(JSON.parse(event.data));
    show();
  });
  events.addEventListener("phones", (event) => {
    phones = JSON.parse(event.data);
    show();
  });
  events.addEventListener("redemption", (event) => {
    redemption = JSON.parse(event.data);
    show();
  });
  events.addEventListener("error", () => {
    say(`${connection.dataset.lost} ${at}`, true);
    if (events.readyState !== EventSource.CLOSED) return;
    // Refused, not cut: the browser does not try again by itself. The login may have ended.
    setTimeout(() => takeAnew().then(connect, connect), 5000);
  });
}

connect();
