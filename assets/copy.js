// Buttons that copy the text of a field, where the browser can; the field stays selectable without them.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  if (!navigator.clipboard || !field) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(field.value ?? field.textContent);
      button.textContent = field.dataset.copied;
      setTimeout(() => { button.textContent = before; }, 2000);
    } catch {
      field.select?.();
    }
  });
}
