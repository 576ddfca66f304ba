// The total while rooms and months are typed. Only a preview: the server reckons again on the next page.
const total = document.querySelector("[data-total]");
const form = total.closest("form");
const output = total.querySelector("output");

const whole = (text) => Number(text.replace(/[^\d]/g, "")) || 0;
const share = (text) => Math.round((Number(text.replace("%", "").replace(",", ".").trim()) || 0) * 100);
const month = (text) => {
  const [, year, number] = /^(\d{4})-(\d{2})$/.exec(text) ?? [];
  const [, shortNumber, longYear] = /^(\d{1,2})\/(\d{4})$/.exec(text) ?? [];
  return Number(year ?? longYear) * 12 + Number(number ?? shortNumber);
};
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ".");

function row(prefix) {
  const value = (name) => {
    const field = form.elements.namedItem(`${prefix}.${name}`);
    return (field?.value ?? "").trim();
  };
  if (form.elements.namedItem(`${prefix}.drop`)?.checked) return { months: 0, saved: 0 };
  const rent = whole(value("rent"));
  const cut = { percent: Math.floor((rent * share(value("percent")) + 5000) / 10000), amount: whole(value("amount")), waiver: rent };
  const months = month(value("to") || value("from")) - month(value("from")) + 1;
  const saved = cut[value("kind")] ?? 0;
  return months > 0 && months <= 120 && saved <= rent ? { months, saved: months * saved } : { months: 0, saved: 0 };
}

function reckon() {
  if (form.elements.namedItem("all.count")) {
    const count = whole(form.elements.namedItem("all.count").value);
    const { months, saved } = row("all");
    tell(saved * count, `${count} ${total.dataset.roomsWord} × ${months} ${total.dataset.monthsWord}`);
    return;
  }
  const rooms = [...form.querySelectorAll(".room")].map((_, at) => row(`rooms[${at}]`));
  const sum = (of) => rooms.reduce((whole, one) => whole + of(one), 0);
  tell(sum((one) => one.saved), `${sum((one) => one.months)} ${total.dataset.mixedWord}`);
}

function tell(saved, how) {
  total.hidden = saved === 0;
  output.textContent = `${grouped(saved)} đ (${how})`;
}

form.addEventListener("input", reckon);
reckon();
