// Bytes as people read them, in the same steps as the server: 3900000000 -> 3.9 GB.
const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];

export const fileSize = (bytes) => {
  let unit = 0;
  for (; bytes >= 999.5 && unit < UNITS.length - 1; unit += 1) bytes /= 1000;
  return `${bytes.toFixed(bytes < 99.95 && unit > 1 ? 1 : 0)} ${UNITS[unit]}`;
};
