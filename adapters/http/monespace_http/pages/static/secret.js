// A button in each password field shows it, and hides it again before the form leaves.  Its words
// change, so it has no pressed state beside them.

function toggle(button, input, shown) {
  input.type = shown ? "text" : "password";
  const [show, hide] = button.dataset.words.split("|");
  button.firstChild.data = shown ? hide : show;
}

export function watchSecrets() {
  for (const button of document.querySelectorAll("[data-shows]")) {
    const input = document.getElementById(button.dataset.shows);
    button.hidden = false;
    button.addEventListener("click", () => toggle(button, input, input.type === "password"));
    input.form.addEventListener("submit", () => toggle(button, input, false));
  }
}
