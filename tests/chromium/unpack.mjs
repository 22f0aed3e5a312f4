// Unpacks the Chromium of this folder's package and prints where it lies.
import chromium from "@sparticuz/chromium";

console.log(await chromium.executablePath());
