// A partial page that turned out to be a whole one (an error page, or the login page after a session ended)
// is opened as a page, so that nothing is swallowed and nothing is pasted into the middle of another.
document.addEventListener("htmx:responseError", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig.verb === "get") window.location.assign(xhr.responseURL);
  else document.documentElement.innerHTML = new DOMParser().parseFromString(xhr.responseText, "text/html").documentElement.innerHTML;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  const asked = new URL(pathInfo.finalRequestPath, window.location.href);
  const answered = new URL(xhr.responseURL || asked, window.location.href);
  if (answered.pathname !== asked.pathname) {
    event.detail.shouldSwap = false;
    window.location.assign(answered);
  }
});
