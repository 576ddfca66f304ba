// Keeps a round's numbers new from the server's events. Without this script the page shows them as they were when it
// was loaded.
const live = document.getElementById("live");
const connection = document.getElementById("connection");

const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ".");

/** Writes a row's figures into the elements of one point, or of all together. */
function put(point, row) {
  for (const place of live.querySelectorAll(`[data-point="${point}"] [data-f]`)) {
    const name = place.dataset.f;
    if (name === "served-bar") {
      place.setAttribute("width", row.vouchers > 0 ? Math.trunc((Math.min(row.served, row.vouchers) * 100) / row.vouchers) : 0);
    } else if (place.textContent !== number(row[name])) {
      place.textContent = number(row[name]);
    }
  }
}

function show(rounds) {
  const rows = rounds.filter((row) => row.round_id === live.dataset.round);
  // A round that ended long ago is not told of any more: its numbers stay.
  if (rows.length === 0) return;
  const total = { vouchers: 0, served: 0, handed_out: 0, refused: 0 };
  for (const row of rows) {
    put(row.point_id ?? "", row);
    for (const name of Object.keys(total)) total[name] += row[name];
  }
  put("total", { ...total, absent: total.vouchers - total.served });
}

let at = "";

function say(text, lost) {
  connection.classList.toggle("lost", lost);
  connection.textContent = text;
}

/** Leads to the login when that has ended. */
async function leave() {
  const answer = await fetch(location.href, { headers: { accept: "text/html", "x-unattended": "1" } });
  if (answer.redirected) location.assign(answer.url);
}

function connect() {
  const events = new EventSource("/api/v1/stock/live?changes=true");
  events.addEventListener("redemption", (event) => {
    show(JSON.parse(event.data).rounds);
    at = new Date().toLocaleTimeString("vi-VN", { timeZone: "Asia/Ho_Chi_Minh" });
    say(`${connection.dataset.live} ${at}`, false);
  });
  events.addEventListener("error", () => {
    say(`${connection.dataset.lost} ${at}`, true);
    // Refused, not cut: the browser does not try again by itself. The login may have ended.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => leave().then(connect, connect), 5000);
  });
}

if (live) connect();
