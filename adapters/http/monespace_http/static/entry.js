// What is typed and not validated is erased after ten minutes, with a warning two minutes before
// and a button that gives ten more.  Times are compared with the clock at each tick, since a
// sleeping machine's timers sleep too.

const TICK = 1000;

class Entry {
  constructor(form) {
    this.form = form;
    this.box = form.querySelector("[data-timer]");
    this.calm = form.querySelector("[data-timer-calm]");
    this.status = form.querySelector("[data-timer-status]");
    this.button = form.querySelector("[data-extend]");
    this.erases = "erases" in form.dataset;
    const seconds = Number(form.dataset.seconds);
    this.margin = seconds - Number(form.dataset.warning);
    this.arm(seconds);
  }

  arm(seconds) {
    this.end = Date.now() + seconds * 1000;
    this.warned = false;
    this.box.classList.remove("urgent");
    this.button.hidden = true;
    if (this.calm) {
      this.calm.hidden = false;
    }
  }

  say(name, wait = "") {
    const template = this.form.querySelector(`template[data-say="${name}"]`);
    this.status.textContent = template.content.textContent.replace("{wait}", wait);
  }

  tick() {
    const left = this.end - Date.now();
    if (left <= 0) {
      this.finish();
    } else if (!this.warned && left <= this.margin * 1000) {
      this.warn(left);
    }
  }

  warn(left) {
    const minutes = Math.ceil(left / 60000);
    this.warned = true;
    this.box.classList.add("urgent");
    this.button.hidden = false;
    if (this.calm) {
      this.calm.hidden = true;
    }
    this.say("warning", minutes > 1 ? `${minutes} minutes` : "moins d'une minute");
  }

  async finish() {
    this.end = Infinity;
    if (!this.erases) {
      location.replace(this.form.action);
      return;
    }
    this.erase();
    this.say("erased");
    await this.renew({ method: "GET" });
  }

  erase() {
    for (const input of this.form.querySelectorAll("input:not([type=hidden]):not([readonly])")) {
      if (input.type === "checkbox" || input.type === "radio") {
        input.checked = false;
      } else {
        input.value = "";
      }
    }
    for (const output of this.form.querySelectorAll("output")) {
      output.textContent = "";
    }
  }

  async extend() {
    const body = new URLSearchParams({ form_token: this.token.value, command: "extend" });
    const field = this.last ?? this.form.querySelector("input:not([type=hidden])");
    if (await this.renew({ method: "POST", body })) {
      this.say("extended");
      (field ?? this.status).focus();
    } else {
      this.say("failed");
    }
  }

  // Fetches a form token issued now; true when the form lives on.
  async renew(request) {
    try {
      const headers = { Accept: "application/json" };
      const response = await fetch(this.form.action, { ...request, headers });
      if (response.status === 410) {
        location.replace(this.form.action);
        return false;
      }
      if (!response.ok) {
        return false;
      }
      const state = await response.json();
      this.token.value = state.form_token;
      this.arm(state.seconds);
      return true;
    } catch {
      return false;
    }
  }

  get token() {
    return this.form.elements.form_token;
  }
}

export function watchEntry(form) {
  const entry = new Entry(form);
  setInterval(() => entry.tick(), TICK);
  document.addEventListener("visibilitychange", () => entry.tick());
  form.addEventListener("focusin", (event) => {
    if (event.target.matches("input")) {
      entry.last = event.target;
    }
  });
  entry.button.addEventListener("click", (event) => {
    event.preventDefault();
    entry.extend();
  });
  // A page that the browser had kept comes back empty, and is shown afresh.
  addEventListener("pageshow", (event) => {
    if (event.persisted) {
      entry.erase();
      location.replace(form.action);
    }
  });
}
