// Keeps what a morph must not change. Whether something is open (aria-expanded) is kept where only a script says it. An
// element lists the rest in data-keep:
//   data-keep="checked"        a ticked box stays ticked
//   data-keep="open"           an open menu stays open
//   data-keep="typing"         a field keeps its value while it has the focus
//   data-keep="itself"         a menu that was put in later stays while it shows, or while a request of it is on its way
//   data-keep="content hidden" a panel that was filled later keeps its content; data-version tells when that is outdated
const keeps = (node, what) => node.dataset?.keep?.split(" ").includes(what);

Object.assign(window.Idiomorph.defaults.callbacks, {
  beforeAttributeUpdated: (name, node, change) =>
    !keeps(node, name) && !(name === "aria-expanded" && change === "remove") && !(name === "value" && keeps(node, "typing") && node === document.activeElement),
  // A filled panel isn't touched. The row around it is still updated.
  beforeNodeMorphed: (node, newer) => {
    if (!(keeps(node, "content") && node.firstElementChild)) return true;
    const version = newer.dataset?.version;
    if (version !== undefined && version !== node.dataset.version) node.dataset.version = version;
    return false;
  },
  beforeNodeRemoved: (node) => !keeps(node, "itself") || (node.hidden && !node.querySelector(".htmx-request")),
});
