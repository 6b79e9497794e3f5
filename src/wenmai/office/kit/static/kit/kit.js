/* Progressive help only: every page works without this file. */
"use strict";

document.documentElement.classList.add("js");

document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName || "");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const box = document.getElementById("global-search");
    if (box) {
      event.preventDefault();
      box.focus();
    }
  }
});

/* The menu is open on wide screens and folded on narrow ones. */
const menu = document.querySelector("details.menu");
if (menu) {
  const narrow = window.matchMedia("(max-width: 760px)");
  const fold = () => {
    menu.open = !narrow.matches;
  };
  fold();
  narrow.addEventListener("change", fold);
}

/* A change of a choice filter is applied at once. */
document.querySelectorAll("form[data-auto] select").forEach((select) => {
  select.addEventListener("change", () => select.form.requestSubmit());
});

/* Select all rows, and say how many are selected. */
document.querySelectorAll("input[data-all]").forEach((all) => {
  const boxes = () => [...document.querySelectorAll(`input[type=checkbox][form="${all.dataset.all}"]`)].filter((b) => b !== all);
  const said = document.querySelector(`[data-selected="${all.dataset.all}"]`);
  const tell = () => {
    const count = boxes().filter((b) => b.checked).length;
    if (said) said.textContent = count ? `已选 ${count} 行` : "";
  };
  all.addEventListener("change", () => {
    boxes().forEach((b) => {
      b.checked = all.checked;
    });
    tell();
  });
  document.addEventListener("change", tell);
});

/* A second press of a button that changes something does nothing. */
document.querySelectorAll("form[method=post]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 8000);
    const busy = form.dataset.busy;
    const button = event.submitter || form.querySelector("button");
    if (busy && button) button.textContent = busy;
  });
});

/* Progress of a job: ask its address for JSON every second, then go where it says. */
const progress = document.querySelector("[data-job]");
if (progress && progress.dataset.active === "1") {
  const ask = async () => {
    try {
      const answer = await fetch(progress.dataset.job, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const job = await answer.json();
      if (!job.active) {
        window.location.replace(job.next || window.location.href);
        return;
      }
      progress.querySelector("[data-step]").textContent = job.step || job.state;
      progress.querySelector("[data-count]").textContent = job.count;
      const bar = progress.querySelector("progress");
      if (job.percent === null) bar.removeAttribute("value");
      else bar.value = job.percent;
    } catch {
      progress.querySelector("[data-step]").textContent = "暂时联系不上服务器，正在重试";
    }
    setTimeout(ask, 1000);
  };
  setTimeout(ask, 700);
}
