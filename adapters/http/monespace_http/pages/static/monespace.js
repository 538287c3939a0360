// Every page works without this.  It adds: the strength of a password while it is typed, showing
// what was typed, slashes in the birth date, the wait before another code, and the ten minutes
// after which an entry is erased.

import { watchDates } from "./date.js";
import { watchEntry } from "./entry.js";
import { reloadByGet } from "./reload.js";
import { watchResend } from "./resend.js";
import { watchSecrets } from "./secret.js";
import { watchStrength } from "./strength.js";

reloadByGet();

// Browsers that do not give the focus to what is wrong by themselves.
document.querySelector("[data-focus]")?.focus();

for (const form of document.querySelectorAll("form[data-entry]")) {
  watchEntry(form);
}
watchDates();
watchResend();
watchSecrets();
watchStrength();
