// The desk without reloading: codes are sent one after another, the field is free for the next scan at once, and what
// the page told of the step before is gone. A code whose answer was lost is sent again with the same value, which makes
// it the same scan.
const form = document.getElementById("scan");
const field = document.getElementById("code");
const AGAIN_MS = 2000;
let before = Promise.resolve();
let scans = 0;

const result = () => document.getElementById("result");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function say(text, kind) {
  const line = document.createElement("p");
  line.className = "word";
  line.textContent = text;
  const box = document.createElement("div");
  box.className = `verdict ${kind}`;
  box.append(line);
  result().replaceChildren(box);
}

/** Sends one code until an answer comes, and shows it. */
async function send(fields) {
  for (;;) {
    try {
      const answer = await fetch(form.action, { method: "POST", body: fields, headers: { accept: "text/html" } });
      if (answer.status === 401 || (answer.redirected && new URL(answer.url).pathname === "/login")) {
        location.assign(location.href);
        return;
      }
      if (answer.status < 500) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("result");
        if (fresh) result().replaceChildren(...fresh.childNodes);
        else say(page.querySelector("h1")?.textContent ?? String(answer.status), "red");
        return;
      }
    } catch {
      // No network: told below, and tried again.
    }
    say(result().dataset.lost, "amber");
    await pause(AGAIN_MS);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!field.value.trim()) return;
  const fields = new URLSearchParams(new FormData(form));
  scans += 1;
  fields.set("once", `${form.elements.once.value}-${scans}`);
  field.value = "";
  field.focus();
  document.querySelector(".notice")?.remove();
  say(result().dataset.waiting, "waiting");
  before = before.then(() => send(fields));
});
