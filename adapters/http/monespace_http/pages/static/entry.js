// What is typed and not validated is erased after ten minutes, with a warning two minutes before
// and a button that gives ten more.  Times are compared with the clock at each tick, since a
// sleeping machine's timers sleep too.  Such a machine is often awake before its network is: the
// form then has an old token, so the script asks for a fresh one until it gets it, and a press
// waits for that.

const TICK = 1000;
const SHORTEST_PAUSE = 2000;
const LONGEST_PAUSE = 30000;

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
    this.pause = SHORTEST_PAUSE;
    this.arm(seconds);
  }

  // --- the ten minutes ---------------------------------------------------------------------

  arm(seconds) {
    this.end = Date.now() + seconds * 1000;
    this.isStale = false;
    this.warned = false;
    this.urge(false);
  }

  urge(urgent) {
    this.box?.classList.toggle("urgent", urgent);
    if (this.button) {
      this.button.hidden = !urgent;
    }
    if (this.calm) {
      this.calm.hidden = urgent;
    }
  }

  words(name, wait = "") {
    const template = this.form.querySelector(`template[data-say="${name}"]`);
    return template?.content.textContent.replace("{wait}", wait) ?? "";
  }

  say(name, wait) {
    if (this.status) {
      this.status.textContent = this.words(name, wait);
    }
  }

  // True when what was typed has just been erased.
  tick() {
    const left = this.end - Date.now();
    if (left <= 0) {
      return this.finish();
    }
    if (!this.warned && left <= this.margin * 1000) {
      this.warn(left);
    }
    return false;
  }

  warn(left) {
    const minutes = Math.ceil(left / 60000);
    this.warned = true;
    this.urge(true);
    this.say("warning", minutes > 1 ? this.words("minutes", minutes) : this.words("less"));
  }

  finish() {
    this.end = Infinity;
    this.isStale = true;
    const erased = this.erases && this.erase();
    this.urge(false);
    if (this.status) {
      this.status.textContent = "";
    }
    if (erased) {
      this.tell("erased");
    }
    this.refresh();
    return erased;
  }

  erase() {
    let erased = false;
    for (const input of this.form.querySelectorAll("input:not([type=hidden]):not([readonly])")) {
      if (input.type === "checkbox" || input.type === "radio") {
        erased ||= input.checked;
        input.checked = false;
      } else {
        erased ||= input.value !== "";
        input.value = "";
      }
    }
    for (const output of this.form.querySelectorAll("output")) {
      output.textContent = "";
    }
    return erased;
  }

  // A notice above the form; it takes the focus, so that nobody types on without knowing.
  tell(name) {
    const words = this.words(name);
    if (!words) {
      return;
    }
    this.notice?.remove();
    this.notice = document.createElement("div");
    this.notice.className = "notice notice-info";
    // Named by its words, so that the focus reads them: a live region would read them twice.
    this.notice.setAttribute("role", "group");
    this.notice.setAttribute("aria-label", words);
    this.notice.tabIndex = -1;
    this.notice.append(Object.assign(document.createElement("p"), { textContent: words }));
    this.form.before(this.notice);
    this.notice.focus();
  }

  // --- the form's token --------------------------------------------------------------------

  get token() {
    return this.form.elements.form_token;
  }

  // Asks for a token issued now: "fresh", "gone" when the page must be shown anew, "refused" or
  // "lost".  The server is told which form this is: another tab may have begun another journey.
  async ask(request) {
    try {
      const headers = { Accept: "application/json", "X-Form-Token": this.token.value };
      const response = await fetch(this.form.action, { ...request, headers });
      if (response.status === 410) {
        location.replace(this.form.action);
        return "gone";
      }
      if (!response.ok) {
        return response.status === 403 ? "refused" : "lost";
      }
      const state = await response.json();
      this.take(state.form_token);
      this.arm(state.seconds);
      return "fresh";
    } catch {
      return "lost";
    }
  }

  // Other forms of the page that showed the same, such as the way out, are renewed with this one.
  take(fresh) {
    const old = this.token.value;
    for (const input of document.querySelectorAll("input[name=form_token]")) {
      if (input.value === old) {
        input.value = fresh;
      }
    }
  }

  // Asks until it is answered, one question at a time.
  async refresh() {
    if (this.asking) {
      return;
    }
    clearTimeout(this.later);
    this.asking = true;
    const answer = await this.ask({ method: "GET" });
    this.asking = false;
    if (answer === "fresh") {
      this.pause = SHORTEST_PAUSE;
      this.send();
    } else if (answer !== "gone") {
      this.later = setTimeout(() => this.refresh(), this.pause);
      this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
    }
  }

  wake() {
    this.tick();
    if (this.isStale) {
      this.refresh();
    }
  }

  // A press that had to wait leaves with its own button.
  send() {
    if (this.pressed) {
      const { submitter } = this.pressed;
      this.pressed = undefined;
      this.say("");
      this.form.requestSubmit(submitter);
    }
  }

  hold(event) {
    if (this.tick()) {
      event.preventDefault(); // the press was for what has just been erased
    } else if (this.isStale) {
      event.preventDefault();
      this.pressed = { submitter: event.submitter };
      this.say("waiting");
      this.refresh();
    }
  }

  async extend() {
    const field = this.last ?? this.form.querySelector("input:not([type=hidden])");
    let answer = await this.prolong();
    if (answer === "refused" && (await this.ask({ method: "GET" })) === "fresh") {
      answer = await this.prolong();
    }
    if (answer === "fresh") {
      this.say("extended");
      (field ?? this.status).focus();
    } else {
      this.say("failed");
    }
  }

  prolong() {
    const body = new URLSearchParams({ form_token: this.token.value, command: "extend" });
    return this.ask({ method: "POST", body });
  }
}

export function watchEntry(form) {
  const entry = new Entry(form);
  setInterval(() => entry.tick(), TICK);
  document.addEventListener("visibilitychange", () => entry.wake());
  addEventListener("online", () => entry.wake());
  addEventListener("focus", () => entry.wake());
  // Before anything is typed: what is old must not go together with what is new.
  form.addEventListener("beforeinput", () => entry.tick());
  form.addEventListener("submit", (event) => entry.hold(event));
  form.addEventListener("focusin", (event) => {
    if (event.target.matches("input")) {
      entry.last = event.target;
    }
  });
  entry.button?.addEventListener("click", (event) => {
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
