// Asks the server how strong a password is, a moment after the typing stops, and ticks the rules
// that it keeps.  The server keeps nothing, and judges again when the form is sent.

const PAUSE = 300;
const NOTHING = { label: "", reason: "" };

async function ask(line, input) {
  const body = new URLSearchParams({
    form_token: input.form.elements.form_token.value,
    password: input.value,
  });
  try {
    const headers = { Accept: "application/json" };
    const response = await fetch(line.dataset.strengthUrl, { method: "POST", headers, body });
    return response.ok ? await response.json() : NOTHING;
  } catch {
    return NOTHING;
  }
}

// What is the person's own: the addresses on this page, whole and before the at sign, and the
// site's names.  Shorter words may stand in a password by chance.
function isPersonal(input, rule) {
  const own = rule.dataset.value.split("|");
  for (const each of input.form.querySelectorAll("input[autocomplete=username], input[type=email]")) {
    own.push(each.value, each.value.split("@")[0]);
  }
  const typed = input.value.normalize("NFKC").toLowerCase();
  return own.some((word) => word.length > 3 && typed.includes(word.toLowerCase()));
}

function keeps(rule, input, level) {
  switch (rule.dataset.rule) {
    case "length":
      return [...input.value.normalize("NFKC")].length >= Number(rule.dataset.value);
    case "personal":
      return input.value !== "" && !isPersonal(input, rule);
    default:
      return level > 1;
  }
}

class Strength {
  constructor(line) {
    this.line = line;
    this.input = document.getElementById(line.dataset.strengthOf);
    this.output = line.querySelector("output");
    this.bar = line.querySelector("[data-level]");
    this.why = line.querySelector("[data-strength-why]");
    this.rules = this.input.closest(".field").querySelectorAll("[data-rule]");
    this.words = line.dataset.words.split("|");
    this.level = 0;
  }

  // The server does not know what is typed beside the password; once sent, it will.
  show({ label: judged, reason }) {
    const own = [...this.rules].some(
      (rule) => rule.dataset.rule === "personal" && isPersonal(this.input, rule),
    );
    const label = judged && own ? this.words[0] : judged;
    this.level = this.words.indexOf(label) + 1;
    this.output.textContent = label;
    this.bar.dataset.level = this.level;
    this.why.textContent = reason;
    this.tick();
  }

  tick() {
    for (const rule of this.rules) {
      const kept = keeps(rule, this.input, this.level);
      rule.classList.toggle("rule-kept", kept);
      const { kept: yes, notKept: no } = rule.closest("[data-rules]").dataset;
      rule.querySelector("[data-rule-state]").textContent = this.input.value ? (kept ? yes : no) : "";
    }
  }

  typed() {
    clearTimeout(this.pause);
    if (!this.input.value) {
      this.show(NOTHING);
      return;
    }
    this.tick();
    this.pause = setTimeout(() => this.judge(), PAUSE);
  }

  async judge() {
    const typed = this.input.value;
    const judged = await ask(this.line, this.input);
    if (this.input.value === typed) {
      this.show(judged);
    }
  }
}

export function watchStrength() {
  for (const line of document.querySelectorAll("[data-strength-of]")) {
    const strength = new Strength(line);
    strength.input.addEventListener("input", () => strength.typed());
  }
}
