// A numeric keypad often has no slash, so we put them in while a date is typed.  What is pasted,
// corrected or typed with slashes is left as it is.

function slashed(text) {
  const digits = text.replaceAll(/[^0-9]/g, "").slice(0, 8);
  const parts = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4)].filter(Boolean);
  const ends = text.endsWith("/") && parts.length < 3 && (digits.length === 2 || digits.length === 4);
  return parts.join("/") + (ends ? "/" : "");
}

export function watchDates() {
  for (const input of document.querySelectorAll("input.input-date")) {
    input.addEventListener("input", (event) => {
      const typing = event.inputType === "insertText" && input.selectionEnd === input.value.length;
      if (typing && /^[0-9/]*$/.test(input.value)) {
        input.value = slashed(input.value);
      }
    });
  }
}
