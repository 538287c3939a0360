// While another code may not be asked for, its button waits, with the seconds beside it.  They
// change in silence: only the end of the wait is said aloud.  Times are compared with the clock at
// each tick, since a sleeping machine's timers sleep too.  When the wait is over, the page asks
// whether the code has left, and says so if it has not: nothing typed is touched, nor its time.

const TICK = 1000;

function spoken(seconds) {
  const minutes = Math.floor(seconds / 60);
  const parts = [minutes && `${minutes}\u00a0min`, seconds % 60 && `${seconds % 60}\u00a0s`];
  return parts.filter(Boolean).join(" ");
}

function say(box, name, wait = "") {
  const words = box.querySelector(`template[data-say="${name}"]`).content.textContent;
  return words.replace("{wait}", wait);
}

async function news(form) {
  const headers = { Accept: "application/json", "X-Form-Token": form.elements.form_token.value };
  const response = await fetch(form.action, { headers });
  return response.ok ? ((await response.json()).told ?? "") : "";
}

function watch(box) {
  const form = box.closest("form");
  const button = form.querySelector("[data-resend-button]");
  const told = box.querySelector("[data-resend-wait]");
  const status = box.querySelector("[data-resend-status]");
  const end = Date.now() + Number(box.dataset.resend) * 1000;
  const refuse = (event) => event.preventDefault();
  let ticking = 0;

  function tick() {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0) {
      told.textContent = say(box, "wait", spoken(left));
      return;
    }
    clearInterval(ticking);
    button.removeAttribute("aria-disabled");
    button.removeEventListener("click", refuse);
    told.textContent = "";
    status.classList.remove("unseen");
    status.textContent = say(box, "possible");
    look();
  }

  function look() {
    const telling = news(form).then((told) => {
      status.textContent = [told, say(box, "possible")].filter(Boolean).join(" ");
    });
    telling.catch(() => {}); // no network: whoever comes back to the page has it asked again
  }

  function wake() {
    if (button.hasAttribute("aria-disabled")) {
      tick();
    } else if (!document.hidden) {
      look();
    }
  }

  // Not `disabled`: the button keeps its place in the order of the page, and its reason is read.
  button.setAttribute("aria-disabled", "true");
  button.addEventListener("click", refuse);
  ticking = setInterval(tick, TICK);
  tick();
  document.addEventListener("visibilitychange", wake);
}

export function watchResend() {
  for (const box of document.querySelectorAll("[data-resend]")) {
    watch(box);
  }
}
