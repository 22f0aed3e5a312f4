// What the design system adds where script is on. Every page works without this file.
import {
  Button,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  Radios,
  ServiceNavigation,
  SkipLink,
  createAll,
} from "govuk-frontend";
import "./htmx";
import "./language";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
// The error summary comes last, so that it has the focus where there is a banner too.
for (const part of [Button, Checkboxes, NotificationBanner, Radios, ServiceNavigation, SkipLink, ErrorSummary]) {
  createAll(part);
}
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt === document.body) return;
  for (const part of [Button, Checkboxes, Radios]) createAll(part, {}, event.detail.elt);
});
