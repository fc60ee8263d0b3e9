// A file of recipients, read in the browser: what can be called, and what is wrong with which line.
const NUMBER = /^(to_number|to|phone|phone_?number|number|tel|telephone|mobile|cell)$/i;
const E164 = /^\+[1-9]\d{1,14}$/;
const OWN = new Set(["external_id", "timezone", "expires_at"]);
const VARIABLE = /^[A-Za-z_]\w{0,39}$/;

// Rows of cells, each with the line it began in; quotes may hold line breaks, as RFC 4180 has it.
export function cells(text, delimiter = ",") {
  const rows = [];
  let row = [], cell = "", quoted = false, line = 1, began = 1;
  const endRow = () => {
    row.push(cell);
    if (row.some((one) => one.trim())) rows.push({ line: began, cells: row.map((one) => one.trim()) });
    [row, cell, began] = [[], "", line];
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\n") line++;
    if (quoted && character === '"' && text[at + 1] === '"') { cell += '"'; at++; }
    else if (character === '"' && (quoted || !cell.trim())) { quoted = !quoted; if (quoted) cell = ""; }
    else if (!quoted && character === delimiter) { row.push(cell); cell = ""; }
    else if (!quoted && character === "\n") endRow();
    else if (character !== "\r" || quoted) cell += character;
  }
  began = row.length || cell ? began : line;
  endRow();
  return rows;
}

// The way numbers are written in spreadsheets, as the API takes them.
const plain = (number) => number.replace(/^'/, "").replace(/[\s().-]/g, "");

export function readRecipients(text) {
  const clean = text.replace(/^\uFEFF/, "");
  const first = clean.split("\n", 1)[0];
  const delimiter = ["\t", ";", ","].find((one) => first.includes(one)) ?? ",";
  const rows = cells(clean, delimiter);
  const head = rows[0]?.cells ?? [];
  const named = head.findIndex((cell) => NUMBER.test(cell));
  const names = named >= 0 ? head : [];
  const at = Math.max(named, 0);
  const recipients = [], faults = [], seen = new Set();
  for (const { line, cells: row } of named >= 0 ? rows.slice(1) : rows) {
    const number = plain(row[at] ?? "");
    if (!number) faults.push({ line, text: row.join(" "), told: "No number in this line." });
    else if (!E164.test(number)) faults.push({ line, text: row[at], told: "Not a number with + and its country's code." });
    else {
      recipients.push({ line, ...recipient(number, names, row, at) });
      seen.add(number);
    }
  }
  return { recipients, faults, names, distinct: seen.size };
}

function recipient(number, names, row, at) {
  const own = { to_number: number }, variables = {};
  names.forEach((name, column) => {
    const value = row[column] ?? "";
    if (column === at || value === "") return;
    const key = name.trim().toLowerCase();
    if (OWN.has(key)) own[key] = value;
    else if (VARIABLE.test(name.trim())) variables[name.trim()] = value;
  });
  return { ...own, variables };
}
