// A place to sign with a finger. What is drawn is put into the file input of the form, so that the form is sent as
// without this file, where a signature on paper is photographed.
const HEIGHT = 200;
const EDGES = 4;
const element = (name, facts = {}) => Object.assign(document.createElement(name), facts);

for (const form of document.querySelectorAll("[data-signature]")) {
  const words = form.dataset;
  const input = form.elements[words.signature];
  const group = input.closest(".govuk-form-group");
  const canvas = element("canvas", { className: "signature" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", words.wordsHere);
  const title = element("p", { className: "govuk-label", textContent: words.wordsHere });
  const clear = element("button", { type: "button", className: "link-button", textContent: words.wordsClear });
  const paper = element("details", { className: "govuk-details signature-on-paper" });
  paper.append(element("summary", { className: "govuk-details__summary", textContent: words.wordsInstead }));
  const board = element("div", { className: "govuk-form-group" });
  board.append(title, canvas, clear);
  group.before(board);
  group.replaceWith(paper);
  paper.append(group);
  if (group.classList.contains("govuk-form-group--error")) paper.open = true;

  const pen = canvas.getContext("2d");
  let drawn = false;
  const reset = () => {
    canvas.width = Math.min(board.clientWidth - EDGES, 600);
    canvas.height = HEIGHT;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(pen, { strokeStyle: "#000", lineWidth: 2.5, lineCap: "round", lineJoin: "round" });
    drawn = false;
  };
  reset();
  clear.addEventListener("click", reset);

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(event.offsetX, event.offsetY);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(event.offsetX, event.offsetY);
    pen.stroke();
    drawn = true;
  });

  form.addEventListener("submit", () => {
    if (!drawn) return;
    const bytes = Uint8Array.from(atob(canvas.toDataURL("image/png").split(",")[1]), (sign) => sign.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], "signature.png", { type: "image/png" }));
    input.files = files.files;
  });
}
