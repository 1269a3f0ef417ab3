// Bytes as people read them, in the same steps and the same language as the server: 3900000000 -> 3.9 GB.
import { LANGUAGE } from "./language.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"];

export const fileSize = (bytes) => {
  let step = 0;
  for (; bytes >= 999.5 && step < UNITS.length - 1; step += 1) bytes /= 1000;
  const decimals = step > 1 && bytes < 99.95 ? 1 : 0;
  return new Intl.NumberFormat(LANGUAGE, {
    style: "unit", unit: UNITS[step], unitDisplay: step ? "short" : "long", minimumFractionDigits: decimals, maximumFractionDigits: decimals,
  }).format(bytes);
};
