/** A form made from declared parameters. A change is sent when the field is left, or the slider let go. */

import { h } from "./dom.js";

const TYPED = "input:not([type=checkbox]), textarea";

export function parameterForm({ name, parameters }, models, send) {
  const fields = parameters.map((parameter) =>
    field(`${name}-${parameter.name}`, parameter, models, (value) => send({ [parameter.name]: value })),
  );
  const element = h(
    "form",
    { class: "parameters", onsubmit: (event) => event.preventDefault() },
    fields.length ? fields.map(({ row }) => row) : h("p", { class: "none" }, "No parameters."),
  );
  return {
    element,
    /** Show what the backend holds; a field somebody types in is left alone. */
    update(values) {
      fields.forEach(({ row, write }, index) => {
        const typing = row.contains(document.activeElement) && document.activeElement.matches(TYPED);
        if (!typing) write(values[parameters[index].name]);
      });
    },
  };
}

function field(id, parameter, models, send) {
  const { control, write } = KINDS[parameter.kind](id, parameter, send, models);
  const several = parameter.kind === "list" && parameter.choices.length;
  const label = several
    ? h("span", { class: "label-text", id: `${id}-label` }, words(parameter.name))
    : h("label", { for: id }, words(parameter.name));
  return {
    write,
    row: h(
      "div",
      { class: `row ${parameter.kind}` },
      label,
      control,
      parameter.help ? h("small", {}, parameter.help) : "",
    ),
  };
}

const KINDS = { number, integer: number, flag, text, choice, list, model };

function number(id, { kind, ge, le }, send) {
  const bounded = ge !== null && le !== null;
  const step = kind === "integer" ? 1 : bounded ? (le - ge) / 100 : "any";
  const exact = h("input", {
    id,
    type: "number",
    min: ge,
    max: le,
    step: kind === "integer" ? 1 : "any",
    onchange: () => exact.value !== "" && send(Number(exact.value)),
  });
  if (!bounded) return { control: exact, write: (value) => (exact.value = value) };
  const slider = h("input", {
    type: "range",
    min: ge,
    max: le,
    step,
    "aria-label": "slider",
    oninput: () => (exact.value = slider.value),
    onchange: () => send(Number(slider.value)),
  });
  const write = (value) => ([slider.value, exact.value] = [value, value]);
  return { control: h("div", { class: "slider" }, slider, exact), write };
}

function flag(id, _parameter, send) {
  const box = h("input", {
    id,
    type: "checkbox",
    role: "switch",
    onchange: () => send(box.checked),
  });
  return { control: h("span", { class: "toggle" }, box), write: (value) => (box.checked = value) };
}

function text(id, _parameter, send) {
  const input = h("input", { id, type: "text", onchange: () => send(input.value) });
  return { control: input, write: (value) => (input.value = value) };
}

function choice(id, { choices }, send) {
  const select = h(
    "select",
    { id, onchange: () => send(select.value) },
    choices.map((one) => h("option", { value: one }, one)),
  );
  return { control: select, write: (value) => (select.value = value) };
}

function model(id, parameter, send, models) {
  const built = choice(id, { choices: models }, send);
  built.control.prepend(h("option", { value: "" }, "none"));
  const write = (value) => {
    if (![...built.control.options].some((option) => option.value === value))
      built.control.append(h("option", { value }, value));
    built.write(value);
  };
  return { control: built.control, write };
}

function list(id, { choices }, send) {
  if (!choices.length) {
    const area = h("textarea", {
      id,
      rows: 3,
      onchange: () =>
        send(
          area.value
            .split("\n")
            .map((line) => line.trim())
            .filter(Boolean),
        ),
    });
    return { control: area, write: (value) => (area.value = value.join("\n")) };
  }
  const boxes = choices.map((one) =>
    h("input", {
      type: "checkbox",
      value: one,
      onchange: () => send(boxes.filter((box) => box.checked).map((box) => box.value)),
    }),
  );
  const control = h(
    "div",
    { class: "several", role: "group", "aria-labelledby": `${id}-label` },
    boxes.map((box) => h("label", {}, box, box.value)),
  );
  return { control, write: (value) => boxes.forEach((box) => (box.checked = value.includes(box.value))) };
}

const words = (name) => name.replaceAll("_", " ");
