// Asks the server how strong a password is, a moment after the typing stops.  The server answers
// one word and keeps nothing; it judges again when the form is sent.

const PAUSE = 300;

async function ask(line, input, output) {
  const body = new URLSearchParams({
    form_token: input.form.elements.form_token.value,
    password: input.value,
  });
  try {
    const response = await fetch(line.dataset.strengthUrl, { method: "POST", body });
    return response.ok ? await response.text() : "";
  } catch {
    return "";
  }
}

export function watchStrength() {
  for (const line of document.querySelectorAll("[data-strength-of]")) {
    const input = document.getElementById(line.dataset.strengthOf);
    const output = line.querySelector("output");
    let pause = 0;
    input.addEventListener("input", () => {
      clearTimeout(pause);
      if (!input.value) {
        output.textContent = "";
        return;
      }
      pause = setTimeout(async () => {
        const typed = input.value;
        const label = await ask(line, input, output);
        if (input.value === typed) {
          output.textContent = label;
        }
      }, PAUSE);
    });
  }
}
