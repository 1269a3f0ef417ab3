// iPads claim to be Macs, but no Mac has a touch screen.
const { maxTouchPoints, platform } = navigator;
export const isAppleMobile = /iPhone|iPad|iPod/.test(platform) || (/Mac/.test(platform) && maxTouchPoints > 1);
