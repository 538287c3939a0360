// A page that answers a POST is loaded again by GET: reloading shows where one stands, and sends
// nothing twice.

export function reloadByGet() {
  history.replaceState(null, "", location.href);
}
