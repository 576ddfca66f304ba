// Long lists: while the answer to a form is awaited, asks how far the work is and shows it. Without this the browser
// simply waits. A file dropped on the field lands in it.

/** @param {HTMLFormElement} form */
function follow(form) {
  const waiting = form.querySelector(".waiting");
  const words = waiting?.querySelector("span");
  const bar = waiting?.querySelector("progress");
  const from = form.dataset.follow;
  if (!(waiting instanceof HTMLElement) || !words || !bar || !from) return;
  const number = new Intl.NumberFormat("vi-VN");

  async function ask() {
    const answer = await fetch(/** @type {string} */ (from), { headers: { accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const told = await answer.json();
    const fill = (/** @type {string | undefined} */ text) =>
      (text ?? "").replace("{n}", number.format(told.to_write ? told.written : told.read)).replace("{of}", number.format(told.to_write));
    if (told.to_write) {
      bar.max = told.to_write;
      bar.value = told.written;
      words.textContent = fill(waiting.dataset.written);
    } else if (told.read) {
      words.textContent = fill(waiting.dataset.read);
    }
  }

  form.addEventListener("submit", () => {
    waiting.hidden = false;
    words.textContent = waiting.dataset.begun ?? "";
    const timer = setInterval(ask, 500);
    // Whoever comes back to this page by the browser's own button finds it as it was.
    addEventListener("pageshow", () => {
      clearInterval(timer);
      waiting.hidden = true;
    }, { once: true });
  });
}

/** @param {HTMLElement} field */
function droppable(field) {
  const input = field.querySelector("input[type=file]");
  if (!(input instanceof HTMLInputElement)) return;
  field.addEventListener("dragover", (event) => {
    event.preventDefault();
    field.classList.add("over");
  });
  field.addEventListener("dragleave", () => field.classList.remove("over"));
  field.addEventListener("drop", (event) => {
    event.preventDefault();
    field.classList.remove("over");
    if (event.dataTransfer?.files.length) input.files = event.dataTransfer.files;
  });
}

document.querySelectorAll("form[data-follow]").forEach((form) => form instanceof HTMLFormElement && follow(form));
document.querySelectorAll(".drop").forEach((field) => field instanceof HTMLElement && droppable(field));
