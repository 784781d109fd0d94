// Pages and filters the accounts; without it the page shows the first of them. Texts are set as text, never as markup.
"use strict";
(() => {
  const size = 100;
  const { texts, alike, words, ...data } = JSON.parse(document.getElementById("data").textContent);
  const rows = data.rows.map(([name, shared, own = [], hanging = []]) => {
    const [domain, ...facts] = alike[shared];
    return [name + texts[domain], ...facts, own, hanging];
  });
  const form = document.getElementById("filter");
  const body = document.getElementById("rows");
  const lowered = texts.map((text) => text.toLowerCase());
  let found = rows;
  let page = 0;

  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  const badge = (tone, glyph, label) => {
    const mark = element("span", "", glyph);
    mark.setAttribute("aria-hidden", "true");
    return element("span", `badge ${tone}`, mark, ` ${label}`);
  };
  const { glyphs, owners, stages, tones, verdicts } = words;
  const finding = (rule, status, observed) => {
    const link = element("a", "id", texts[rule]);
    link.href = `#${texts[rule]}`;
    return element("div", "", badge(texts[status], glyphs[texts[status]], texts[status]), " ", link, " ",
      element("span", "muted", texts[observed]));
  };
  const hanging = (cause, count, others) => {
    const link = element("a", "id", texts[cause]);
    link.href = `#${texts[cause]}`;
    return element("div", "muted", `${others ? "and " : ""}${count} that ${count === 1 ? "depends" : "depend"} on `, link);
  };
  const findings = (places, causes) => {
    const cell = element("td", "");
    for (let at = 0; at < places.length; at += 3) cell.append(finding(...places.slice(at, at + 3)));
    for (let at = 0; at < causes.length; at += 2) cell.append(hanging(causes[at], causes[at + 1], places.length));
    if (!places.length && !causes.length) cell.append(element("span", "muted", "none"));
    return cell;
  };
  const address = (email) => email.split("@").flatMap((part, at) => (at ? ["@", element("wbr"), part] : [part]));
  const row = ([email, stage, v2, v3, action, owner, places, causes]) => {
    const head = element("th", "mail", ...address(email));
    head.scope = "row";
    const verdict = (side, place) => {
      const tone = tones[texts[place]];
      return element("div", "", `${side} `, badge(tone, glyphs[tone], verdicts[texts[place]]));
    };
    const verdicted = element("td", "", verdict("v2", v2), verdict("v3", v3));
    if (texts[stage] !== "not-assessed") verdicted.append(element("div", "muted", stages[texts[stage]]));
    return element("tr", "", head, verdicted,
      element("td", "", texts[action], element("div", "muted", owners[texts[owner]] ?? texts[owner])),
      findings(places, causes));
  };
  const show = () => {
    const pages = Math.max(1, Math.ceil(found.length / size));
    page = Math.min(Math.max(page, 0), pages - 1);
    body.replaceChildren(...found.slice(page * size, (page + 1) * size).map(row));
    form.elements.back.disabled = page === 0;
    form.elements.next.disabled = page === pages - 1;
    form.querySelector("output").textContent = `page ${page + 1} of ${pages}`;
    document.getElementById("shown").textContent =
      `${found.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} accounts, what needs action first.`;
  };
  const filter = () => {
    const wanted = form.elements.text.value.trim().toLowerCase();
    const matching = new Set(lowered.flatMap((text, place) => (text.includes(wanted) ? [place] : [])));
    const wantedStage = form.elements.stage.value, v2 = form.elements.v2.value;
    const isCause = (place, at) => at % 2 === 0 && matching.has(place);
    found = rows.filter(([email, stage, one, , action, owner, places, causes]) =>
      (!v2 || texts[one] === v2) && (!wantedStage || texts[stage] === wantedStage) &&
      (!wanted || email.toLowerCase().includes(wanted) || matching.has(action) ||
        places.some((at) => matching.has(at)) || causes.some(isCause)));
    page = 0;
    show();
  };
  const turn = (step) => { page += step; show(); };

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.elements.back.addEventListener("click", () => turn(-1));
  form.elements.next.addEventListener("click", () => turn(1));
  form.hidden = false;
  show();
})();
