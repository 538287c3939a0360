// Brings new messages into the demo's inbox without moving the focus or what is open.

const PAUSE = 2000;
const news = document.querySelector("[data-news]");

function bring(list, fresh) {
  const arrived = [...fresh.children].filter((item) => !document.getElementById(item.id));
  const nodes = arrived.map((item) => document.importNode(item, true));
  list.prepend(...nodes);
  if (nodes.length) {
    list.parentElement.querySelector("[data-empty]").hidden = true;
  }
  return nodes.length;
}

async function look() {
  try {
    const response = await fetch(location.pathname);
    if (!response.ok) {
      return;
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    let count = 0;
    for (const list of document.querySelectorAll("ul.messages")) {
      count += bring(list, page.getElementById(list.id));
    }
    if (count) {
      const { one, many } = news.dataset;
      news.textContent = count === 1 ? one : many.replace("{count}", count);
    }
  } catch {
    // The demo was stopped: the next look may find it again.
  }
}

setInterval(look, PAUSE);
