// SPDX-License-Identifier: Apache-2.0
// Says below the legend what held at the time under the pointer.
const run = JSON.parse(document.getElementById("run").textContent)
const figure = document.querySelector("svg.time"), readout = document.getElementById("readout")
const cursor = document.createElementNS("http://www.w3.org/2000/svg", "path")
cursor.setAttribute("class", "cursor")
figure.append(cursor)

function last(rows, at) {
  let low = 0, high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (rows[middle][0] <= at) low = middle + 1
    else high = middle
  }
  return rows[low - 1]
}

function clock(at) {
  const two = (number) => String(Math.floor(number)).padStart(2, "0")
  return (at >= 3600 ? Math.floor(at / 3600) + ":" + two(at % 3600 / 60) : Math.floor(at / 60)) + ":" + two(at % 60)
}

figure.addEventListener("pointermove", (event) => {
  const box = figure.getBoundingClientRect(), view = figure.viewBox.baseVal
  const x = (event.clientX - box.left) / box.width * view.width
  const at = (x - run.left) / (run.right - run.left) * run.end
  const sample = last(run.samples, at), path = last(run.paths, at)
  if (at > run.end || !sample) return
  const strikes = run.strikes.filter(([begin, end]) => begin <= at && at < end).map(([, , what]) => what)
  cursor.setAttribute("d", `M${x.toFixed(1)} 14V${view.height - 24}`)
  readout.textContent = [clock(at), ...sample.slice(1).map((value, index) => value + run.units[index]),
    [path?.[1], ...strikes].filter(Boolean).join(", ")].join("  ·  ")
})
figure.addEventListener("pointerleave", () => {
  cursor.removeAttribute("d")
  readout.textContent = ""
})
