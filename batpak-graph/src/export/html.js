"use strict";
// The page works without this script: it only adds moving, magnifying and larger tooltips.
(() => {
  const stage = document.getElementById("stage"), svg = stage.querySelector("svg"), tip = document.getElementById("tip");
  const size = { w: svg.viewBox.baseVal.width, h: svg.viewBox.baseVal.height };
  let scale = 1, x = 0, y = 0;
  const place = () => { svg.style.transform = `translate(${x}px,${y}px) scale(${scale})`; };
  const zoom = (factor, cx, cy) => {
    const next = Math.min(8, Math.max(0.02, scale * factor));
    x = cx - (cx - x) * next / scale;
    y = cy - (cy - y) * next / scale;
    scale = next;
    place();
  };
  const middle = factor => zoom(factor, stage.clientWidth / 2, stage.clientHeight / 2);
  const whole = () => {
    scale = Math.min(1.5, stage.clientWidth / size.w, stage.clientHeight / size.h);
    x = (stage.clientWidth - size.w * scale) / 2;
    y = (stage.clientHeight - size.h * scale) / 2;
    place();
  };
  // As wide as the window, from the top: what one reads.
  const wide = () => {
    scale = Math.min(1.25, stage.clientWidth / size.w);
    x = Math.max(0, (stage.clientWidth - size.w * scale) / 2);
    y = 0;
    place();
  };
  const actions = { in: () => middle(1.25), out: () => middle(0.8), whole, wide };
  document.getElementById("bar").addEventListener("click", event => actions[event.target.dataset.act]?.());
  stage.addEventListener("wheel", event => {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) { zoom(Math.exp(-event.deltaY / 300), event.clientX, event.clientY); return; }
    x -= event.deltaX;
    y -= event.deltaY;
    place();
  }, { passive: false });
  const held = new Map();
  stage.addEventListener("pointerdown", event => {
    held.set(event.pointerId, event);
    stage.setPointerCapture(event.pointerId);
    stage.classList.add("drag");
  });
  stage.addEventListener("pointermove", event => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const other = [...held.values()].find(one => one.pointerId !== event.pointerId);
    if (other) {
      const apart = one => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      zoom(apart(event) / Math.max(1, apart(before)), other.clientX, other.clientY);
    } else {
      x += event.clientX - before.clientX;
      y += event.clientY - before.clientY;
      place();
    }
    held.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, event => {
    held.delete(event.pointerId);
    stage.classList.toggle("drag", held.size > 0);
  });
  document.addEventListener("keydown", event => {
    const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (step) { x += step[0]; y += step[1]; place(); }
    const act = { "+": "in", "=": "in", "-": "out", "0": "whole", "1": "wide" }[event.key];
    if (act && !event.ctrlKey && !event.metaKey) actions[act]();
  });
  // Browsers show titles late and small: take them out and show them at once.
  for (const title of svg.querySelectorAll("g>title,path>title")) {
    title.parentNode.tip = title.textContent;
    title.parentNode.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  const links = [...svg.querySelectorAll("path[data-from]")];
  const light = node => {
    const number = node.dataset.node, lit = new Set([number]);
    for (const link of links) {
      const { from, to } = link.dataset, near = from === number || to === number;
      link.classList.toggle("lit", near);
      if (near) lit.add(from).add(to);
    }
    for (const other of svg.querySelectorAll(".node")) other.classList.toggle("lit", lit.has(other.dataset.node));
    svg.classList.add("dim");
  };
  svg.addEventListener("pointerover", event => {
    const about = event.target.closest(".node,.link,.lane");
    const node = event.target.closest(".node");
    if (node) light(node); else svg.classList.remove("dim");
    tip.hidden = !about?.tip;
    if (about?.tip) tip.textContent = about.tip;
  });
  stage.addEventListener("pointermove", event => {
    const beside = event.clientX + 16 + tip.offsetWidth > innerWidth ? event.clientX - 16 - tip.offsetWidth : event.clientX + 16;
    tip.style.left = `${Math.max(4, beside)}px`;
    tip.style.top = `${Math.max(4, Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 4))}px`;
  });
  stage.addEventListener("pointerleave", () => { tip.hidden = true; svg.classList.remove("dim"); });
  wide();
})();
