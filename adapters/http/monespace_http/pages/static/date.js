// A numeric keypad often has no slash, so one is put in before the digit that follows it, as long
// as what is typed can only be a day, a month and a year.  Such a slash is ours: it goes as soon as
// it does not fit what the person goes on to type (19800412, 2001-04-12).  No character of theirs
// is ever moved or lost, and the server reads the date with or without the slashes.

const DAY = "(?:0[1-9]|[12]\\d|3[01])";
const MONTH = "(?:0[1-9]|1[0-2])";
const YEAR = "(?:|[12]|(?:19|20)\\d{0,2})";
const MONTH_BEGUN = new RegExp(`^${DAY}[01]$`);
// The sign is a slash that somebody typed although ours is there: they go on as we supposed.
const MONTH_ENDED = new RegExp(`^${DAY}${MONTH}(?<sign>[^\\d]?)(?<year>${YEAR})$`);

// Where in the field slashes of ours stand, when this was typed.
function places(typed) {
  if (MONTH_BEGUN.test(typed)) {
    return [2];
  }
  const found = MONTH_ENDED.exec(typed);
  if (!found) {
    return [];
  }
  return found.groups.year && !found.groups.sign ? [2, 5] : [2];
}

class DateInput {
  constructor(input) {
    this.input = input;
    this.seen = input.value;
    this.ours = [];
  }

  // Which slashes are still ours: those before the first character that changed.  After a change in
  // the middle none is, and from then on the field is the person's.
  follow() {
    const { value } = this.input;
    let same = 0;
    while (same < value.length && value[same] === this.seen[same]) {
      same += 1;
    }
    const changedInside = same < value.length && same < this.seen.length;
    this.ours = changedInside ? [] : this.ours.filter((place) => place < same);
    this.seen = value;
  }

  place() {
    this.follow();
    const typed = [...this.seen].filter((_, place) => !this.ours.includes(place)).join("");
    const ours = places(typed);
    const shown = ours.reduce((text, place) => `${text.slice(0, place)}/${text.slice(place)}`, typed);
    if (shown !== this.seen) {
      this.input.value = shown;
    }
    this.seen = shown;
    this.ours = ours;
  }

  hear(event) {
    // Keyboards that compose lose their place when the field changes under them: we wait.
    if (event.isComposing || event.inputType === "insertCompositionText") {
      return;
    }
    if (event.inputType === "insertText" && this.input.selectionEnd === this.input.value.length) {
      this.place();
    } else {
      this.follow();
    }
  }
}

export function watchDates() {
  for (const input of document.querySelectorAll("input.input-date")) {
    const date = new DateInput(input);
    input.addEventListener("input", (event) => date.hear(event));
    input.addEventListener("compositionend", () => date.place());
    input.addEventListener("change", () => date.place());
  }
}
