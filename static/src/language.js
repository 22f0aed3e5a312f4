// Changing the language reloads the page; what was typed is carried over in this tab's own storage.
const KEY = "typed";
const fields = () => [...document.querySelectorAll("main input, main select, main textarea")];
const kept = (field) => field.name && !["password", "file", "hidden", "submit", "button"].includes(field.type);
const identity = (field) => {
  const alike = fields().filter((other) => other.name === field.name && other.form?.getAttribute("action") === field.form?.getAttribute("action"));
  return `${field.form?.getAttribute("action") ?? ""}|${field.name}|${alike.indexOf(field)}`;
};

function remember() {
  const typed = fields().filter(kept).map((field) => [
    identity(field),
    field.type === "checkbox" || field.type === "radio"
      ? field.checked
      : field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value,
  ]);
  sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, typed }));
}

function restore() {
  const { path, typed } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  sessionStorage.removeItem(KEY);
  if (path !== location.pathname) return;
  const values = new Map(typed);
  for (const field of fields().filter(kept)) {
    const value = values.get(identity(field));
    if (value === undefined) continue;
    if (typeof value === "boolean") field.checked = value;
    else if (Array.isArray(value)) for (const option of field.options) option.selected = value.includes(option.value);
    else field.value = value;
  }
}

restore();
document.querySelector("[data-keep-typed]")?.addEventListener("submit", remember);
