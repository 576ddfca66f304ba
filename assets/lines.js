// Lines of a form are added and taken away at once; without this the same buttons ask the service for the form anew.
// Numbers in the names stay in order: what is taken away closes the gap.
const NUMBER = /\[(\d+|__n__)\]/;

function renumber(line, number) {
  for (const element of line.querySelectorAll("[name], [id], [for], [aria-describedby], button[value]")) {
    for (const name of ["name", "id", "for", "aria-describedby"]) {
      const value = element.getAttribute(name);
      if (value) element.setAttribute(name, value.replace(NUMBER, `[${number}]`));
    }
    if (element.getAttribute("name") === "remove") element.setAttribute("value", String(number));
  }
}

for (const form of document.querySelectorAll("form[data-lines]")) {
  const rows = form.querySelector("[data-rows]");
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=add], button[name=remove]");
    if (!button) return;
    if (button.name === "add") {
      const model = form.querySelector(`template[data-model="${button.value}"]`);
      const line = model.content.cloneNode(true).querySelector("[data-line]");
      renumber(line, rows.querySelectorAll("[data-line]").length);
      rows.append(line);
      line.querySelector("select, input:not([type=hidden])")?.focus();
    } else {
      button.closest("[data-line]").remove();
      rows.querySelectorAll("[data-line]").forEach(renumber);
    }
    event.preventDefault();
  });
}
