// Sets a class where :has(…) would match, for Firefox 115 to 120, which don't support it. These classes are added to the
// style sheet when static files are collected (torbox_web/assets/lowering.py). STATES lists every :has(…) in static/css. A
// test compares them.
const STATES = [
  "+ .state", "> .card-link", "> .files-check", "> .files-check:checked", "> .files-filter", "> .row-check:checked",
  "> .row-files:not(:empty, [hidden])", ".accounts", ".first-visit", ".htmx-request:not([hidden], row-menu)", ".preview", ".split-button",
  'input[name="ids"]:checked', "li:nth-child(25)", "selection-bar:defined", "tag-picker",
  ":checked", ":disabled", ":focus-visible", '[name="after"][value="delete"]:checked',
  '[name="expires"][value="day"]:checked',
  '[name="kind"][value="person"]:checked', '[name="kind"][value="tag"]:checked', '[name="who"][value="some"]:checked',
];
const className = (state) => `has-${state.replace(/\W+/g, "-").replace(/^-|-$/g, "")}`;

function holders(state) {
  const [, combinator, inner] = /^([>+]?)\s*(.*)$/.exec(state);
  const found = new Set();
  for (const element of document.querySelectorAll(inner)) {
    if (combinator === "+") found.add(element.previousElementSibling);
    else for (let holder = element.parentElement; holder; holder = combinator ? null : holder.parentElement) found.add(holder);
  }
  return found;
}

function draw() {
  for (const state of STATES) {
    const name = className(state), now = holders(state);
    for (const element of document.querySelectorAll(`.${name}`)) if (!now.has(element)) element.classList.remove(name);
    for (const element of now) element?.classList.add(name);
  }
}

if (!CSS.supports("selector(:has(a))")) {
  let planned = 0;
  const plan = () => { cancelAnimationFrame(planned); planned = requestAnimationFrame(draw); };
  const watched = { childList: true, subtree: true, attributes: true, attributeFilter: ["class", "hidden"] };
  new MutationObserver(plan).observe(document.body, watched);
  for (const name of ["change", "reset"]) document.addEventListener(name, plan);
  plan();
}
