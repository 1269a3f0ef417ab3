// What a morph leaves as the person has it. An element says so itself, by name:
//   data-keep="checked"        a ticked box stays ticked
//   data-keep="open"           an open menu stays open
//   data-keep="typing"         a field keeps what is typed as long as it has the focus
//   data-keep="content hidden" a panel filled in place keeps what it holds; its data-version tells it when that is old
const keeps = (node, what) => node.dataset?.keep?.split(" ").includes(what);

Object.assign(window.Idiomorph.defaults.callbacks, {
  beforeAttributeUpdated: (name, node) =>
    !keeps(node, name) && !(name === "value" && keeps(node, "typing") && node === document.activeElement),
  // A filled panel is left alone as a whole; its row is still brought up to date around it.
  beforeNodeMorphed: (node, newer) => {
    if (!(keeps(node, "content") && node.firstElementChild)) return true;
    const version = newer.dataset?.version;
    if (version !== undefined && version !== node.dataset.version) node.dataset.version = version;
    return false;
  },
});
