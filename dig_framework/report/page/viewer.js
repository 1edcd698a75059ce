"use strict";
// A small turntable viewer: z is up, the origin lies on the table below the objects, lengths are metres.
(function () {
  const root = document.getElementById("viewer");
  if (!root) return;
  const data = JSON.parse(document.getElementById("view-data").textContent);
  const canvas = root.querySelector("canvas");
  const gl = canvas.getContext("webgl2", { antialias: true, preserveDrawingBuffer: true });
  if (!gl) {
    root.classList.add("without-webgl");
    return;
  }

  // ---- Data -------------------------------------------------------------------------------------------------------

  function unpacked(text, Kind) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Kind(bytes.buffer);
  }

  function vertexNormals(vertices, faces) {
    const normals = new Float32Array(vertices.length);
    const at = (i) => [vertices[3 * i], vertices[3 * i + 1], vertices[3 * i + 2]];
    for (let f = 0; f < faces.length; f += 3) {
      const a = at(faces[f]), n = cross(minus(at(faces[f + 1]), a), minus(at(faces[f + 2]), a));
      for (let c = 0; c < 3; c++) for (let k = 0; k < 3; k++) normals[3 * faces[f + c] + k] += n[k];
    }
    return normals;
  }

  const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const unit = (a) => { const n = Math.hypot(...a) || 1; return [a[0] / n, a[1] / n, a[2] / n]; };

  // ---- Drawing ----------------------------------------------------------------------------------------------------

  const VERTEX = `#version 300 es
    in vec3 position; in vec3 normal; in vec3 color;
    uniform mat4 clip_from_table; uniform float size; uniform vec4 tint;
    out vec3 v_normal; out vec3 v_position; out vec3 v_color;
    void main() {
      v_normal = normal; v_position = position; v_color = mix(color, tint.rgb, tint.a);
      gl_Position = clip_from_table * vec4(position, 1.0);
      gl_PointSize = size / gl_Position.w;
    }`;
  const FRAGMENT = `#version 300 es
    precision highp float;
    in vec3 v_normal; in vec3 v_position; in vec3 v_color;
    uniform vec3 eye; uniform float lit; uniform float alpha;
    out vec4 shown;
    void main() {
      float light = 1.0;
      if (lit > 0.5) {
        vec3 n = lit > 1.5 ? cross(dFdx(v_position), dFdy(v_position)) : v_normal;
        n = normalize(n);
        vec3 to_eye = normalize(eye - v_position);
        if (dot(n, to_eye) < 0.0) n = -n;
        light = 0.42 + 0.38 * max(dot(n, normalize(vec3(-0.4, -0.35, 0.85))), 0.0) + 0.28 * max(dot(n, to_eye), 0.0);
      }
      shown = vec4(v_color * light, alpha);
    }`;

  function program() {
    const made = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(made, shader);
    }
    ["position", "normal", "color"].forEach((name, place) => gl.bindAttribLocation(made, place, name));
    gl.linkProgram(made);
    return made;
  }

  const shader = program();
  const uniform = {};
  for (const name of ["clip_from_table", "size", "tint", "eye", "lit", "alpha"]) {
    uniform[name] = gl.getUniformLocation(shader, name);
  }

  // A thing to draw: its arrays on the graphics card, and how it is drawn.
  function thing(group, mode, positions, { colors, color, normals, faces, ...style }) {
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    attribute(0, positions, gl.FLOAT, false);
    if (normals) attribute(1, normals, gl.FLOAT, false);
    if (colors) attribute(2, colors, gl.UNSIGNED_BYTE, true);
    if (faces) {
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, faces, gl.STATIC_DRAW);
    }
    gl.bindVertexArray(null);
    const kind = faces instanceof Uint32Array ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT;
    const count = faces ? faces.length : positions.length / 3;
    return { group, mode, array, count, kind: faces && kind, color: color || [1, 1, 1], lit: 0, alpha: 1, ...style };
  }

  function attribute(place, values, kind, normalized) {
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 3, kind, normalized, 0, 0);
  }

  const things = [];

  for (const stage of data.stages) {
    for (const item of stage.objects) {
      const vertices = unpacked(item.vertices, Float32Array);
      const faces = unpacked(item.faces, item.wide ? Uint32Array : Uint16Array);
      const colors = unpacked(item.colors, Uint8Array);
      const tint = item.tint.map((value) => value / 255);
      const normals = vertexNormals(vertices, faces);
      things.push(thing("objects", gl.TRIANGLES, vertices, { colors, normals, faces, tint, lit: 1, stage: stage.name }));
    }
  }
  if (data.points) {
    const colors = unpacked(data.points.colors, Uint8Array);
    things.push(thing("points", gl.POINTS, unpacked(data.points.positions, Float32Array), { colors, size: 0.0030 }));
  }
  things.push(thing("table", gl.LINES, gridLines(), { color: [0.55, 0.56, 0.58], alpha: 0.45 }));
  if (data.camera) things.push(thing("camera", gl.LINES, cameraLines(), { color: [0.86, 0.55, 0.1] }));
  data.grasps.forEach((grasp, rank) => {
    const color = grasp.held ? [0.16, 0.62, 0.36] : [0.8, 0.25, 0.2];
    grasp.boxes.forEach((box) => {
      const style = { color, faces: boxFaces(), lit: 2, alpha: 0.6, rank };
      things.push(thing("grasps", gl.TRIANGLES, new Float32Array(box), style));
    });
    things.push(thing("grasps", gl.LINES, new Float32Array(grasp.approach), { color, rank }));
  });

  function boxFaces() {
    const quads = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]];
    return new Uint16Array(quads.flatMap(([a, b, c, d]) => [a, b, c, a, c, d]));
  }

  function gridLines() {
    const step = 0.05, half = Math.ceil((1.6 * data.radius) / step) * step, lines = [];
    for (let at = -half; at <= half + 1e-6; at += step) lines.push(at, -half, 0, at, half, 0, -half, at, 0, half, at, 0);
    return new Float32Array(lines);
  }

  function cameraLines() {
    const [eye, a, b, c, d] = data.camera.lines;
    return new Float32Array([eye, a, eye, b, eye, c, eye, d, a, b, b, c, c, d, d, a].flat());
  }

  // ---- View -------------------------------------------------------------------------------------------------------

  const start = {
    azimuth: 0.5, elevation: 0.5, distance: 3.4 * data.radius, target: [0, 0, 0.35 * data.radius], view: 0.7,
  };
  const view = { ...start, target: [...start.target] };
  const shown = { objects: true, points: true, table: true, grasps: true, camera: false };
  const choice = { stage: data.stages.length ? data.stages[data.stages.length - 1].name : "", grasp: 0, tinted: false };

  const eyeOf = (v) => {
    const c = Math.cos(v.elevation);
    const out = [c * Math.sin(v.azimuth), -c * Math.cos(v.azimuth), Math.sin(v.elevation)];
    return v.target.map((value, k) => value + v.distance * out[k]);
  };

  function axesOf(v) {
    const back = unit(minus(eyeOf(v), v.target));
    const right = [Math.cos(v.azimuth), Math.sin(v.azimuth), 0];
    return { right, up: cross(back, right), back };
  }

  function clipFromTable() {
    const { right, up, back } = axesOf(view), eye = eyeOf(view);
    const near = Math.max(view.distance * 0.02, 0.002), far = view.distance * 4 + 20 * data.radius;
    const f = 1 / Math.tan(view.view / 2), aspect = canvas.width / canvas.height;
    const sx = aspect > 1 ? f / aspect : f, sy = sx * aspect;
    const p = (far + near) / (near - far), q = (2 * far * near) / (near - far);
    const move = [-dot(right, eye), -dot(up, eye), -dot(back, eye)];
    const column = (r, u, b) => [sx * r, sy * u, p * b, -b];
    return new Float32Array([
      ...column(right[0], up[0], back[0]), ...column(right[1], up[1], back[1]), ...column(right[2], up[2], back[2]),
      sx * move[0], sy * move[1], p * move[2] + q, -move[2],
    ]);
  }

  function isShown(item) {
    if (!shown[item.group]) return false;
    if (item.stage !== undefined) return item.stage === choice.stage;
    if (item.rank !== undefined) return choice.grasp === null || item.rank === choice.grasp;
    return true;
  }

  function draw() {
    waiting = false;
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.round(canvas.clientWidth * scale), height = Math.round(canvas.clientHeight * scale);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const ground = getComputedStyle(root).getPropertyValue("--stage").split(" ").map((value) => Number(value) / 255);
    gl.viewport(0, 0, width, height);
    gl.clearColor(ground[0], ground[1], ground[2], 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE);
    gl.useProgram(shader);
    gl.uniformMatrix4fv(uniform.clip_from_table, false, clipFromTable());
    gl.uniform3fv(uniform.eye, eyeOf(view));
    for (const item of things) if (isShown(item)) drawThing(item, Math.min(width, height));
  }

  function drawThing(item, side) {
    gl.uniform1f(uniform.lit, item.lit);
    gl.uniform1f(uniform.alpha, item.alpha);
    gl.uniform1f(uniform.size, (item.size || 0) * side / (2 * Math.tan(view.view / 2)));
    gl.uniform4fv(uniform.tint, choice.tinted && item.tint ? [...item.tint, 1] : [0, 0, 0, 0]);
    gl.vertexAttrib3fv(2, item.color);
    gl.bindVertexArray(item.array);
    if (item.kind) gl.drawElements(item.mode, item.count, item.kind, 0);
    else gl.drawArrays(item.mode, 0, item.count);
  }

  let waiting = false;
  function redraw() {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }

  // ---- Hands ------------------------------------------------------------------------------------------------------

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  function orbit(dx, dy) {
    view.azimuth -= dx;
    view.elevation = clamp(view.elevation + dy, -0.3, 1.56);
    redraw();
  }

  function pan(dx, dy) {
    const { right, up } = axesOf(view), side = Math.min(canvas.clientWidth, canvas.clientHeight);
    const reach = (2 * view.distance * Math.tan(view.view / 2)) / side;
    view.target = view.target.map((value, k) => value + reach * (-dx * right[k] + dy * up[k]));
    redraw();
  }

  function zoom(factor) {
    view.distance = clamp(view.distance * factor, 0.3 * data.radius, 30 * data.radius);
    redraw();
  }

  function reset() {
    Object.assign(view, start, { target: [...start.target] });
    redraw();
  }

  // The turntable looks at its target, so the camera's view is met up to its roll, which is none on a level camera.
  function fromCamera() {
    const [eye, a, b, c, d] = data.camera.lines;
    const ahead = unit(minus([0, 1, 2].map((k) => (a[k] + b[k] + c[k] + d[k]) / 4), eye));
    const distance = ahead[2] < -0.05 ? Math.min(eye[2] / -ahead[2], 20 * data.radius) : 4 * data.radius;
    view.target = eye.map((value, k) => value + distance * ahead[k]);
    Object.assign(view, { distance, view: data.camera.view, elevation: Math.asin(-ahead[2]), azimuth: Math.atan2(-ahead[0], ahead[1]) });
    redraw();
  }

  const fingers = new Map();
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (event) => fingers.delete(event.pointerId));
  }
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY], dx = now[0] - before[0], dy = now[1] - before[1];
    if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
      const apart = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
      zoom(apart(before) / apart(now));
      pan(dx / 2, dy / 2);
    } else if (event.shiftKey || event.buttons & 6) pan(dx, dy);
    else orbit(dx * 0.008, dy * 0.008);
    fingers.set(event.pointerId, now);
  });
  canvas.addEventListener("contextmenu", (event) => { if (!event.ctrlKey) event.preventDefault(); });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(clamp(event.deltaY, -120, 120) * 0.002));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const move = event.shiftKey ? (x, y) => pan(-30 * x, -30 * y) : (x, y) => orbit(-0.12 * x, 0.12 * y);
    const keys = {
      ArrowLeft: () => move(-1, 0), ArrowRight: () => move(1, 0), ArrowUp: () => move(0, event.shiftKey ? -1 : 1),
      ArrowDown: () => move(0, event.shiftKey ? 1 : -1), "+": () => zoom(0.88), "=": () => zoom(0.88),
      "-": () => zoom(1.14), Home: reset, "0": reset,
    };
    if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key]();
  });

  for (const button of root.querySelectorAll("[data-toggle]")) {
    const name = button.dataset.toggle, pressed = name === "tinted" ? choice.tinted : shown[name];
    button.setAttribute("aria-pressed", String(pressed));
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      if (name === "tinted") choice.tinted = on; else shown[name] = on;
      // The camera stands far from the objects, so that switching it on must also bring it into view.
      if (name === "camera" && on) view.distance = Math.max(view.distance, 2.2 * Math.hypot(...data.camera.lines[0]));
      redraw();
    });
  }
  for (const [name, action] of [["reset", reset], ["from-camera", fromCamera]]) {
    const button = root.querySelector(`[data-action="${name}"]`);
    if (button) button.addEventListener("click", action);
  }
  for (const [name, change] of [
    ["stage", (value) => { choice.stage = value; }],
    ["grasp", (value) => { choice.grasp = value === "all" ? null : Number(value); }],
  ]) {
    const select = root.querySelector(`select[name="${name}"]`);
    if (select) select.addEventListener("change", () => { change(select.value); redraw(); });
  }
  for (const button of document.querySelectorAll("[data-show-grasp]")) {
    button.addEventListener("click", () => {
      const select = root.querySelector('select[name="grasp"]');
      select.value = button.dataset.showGrasp;
      select.dispatchEvent(new Event("change"));
      const toggle = root.querySelector('[data-toggle="grasps"]');
      if (toggle.getAttribute("aria-pressed") !== "true") toggle.click();
      root.scrollIntoView({ block: "nearest" });
      canvas.focus({ preventScroll: true });
    });
  }

  new ResizeObserver(redraw).observe(canvas);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  draw();
})();
