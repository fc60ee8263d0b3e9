// A file of recipients, read in the browser: what can be called, and what is wrong with which line.
const NUMBER = /^(to|((to|phone|telephone|mobile|cell)_?)?number|((mobile|cell)_?)?phone|tel|telephone|mobile|cell)$/;
const E164 = /^\+[1-9]\d{1,14}$/;
const OWN = new Set(["external_id", "timezone", "expires_at"]);
const VARIABLE = /^[A-Za-z_]\w{0,39}$/;

// What a file says, in the encodings that spreadsheets write; null if it is in another.
export async function textOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const encoding = { "255,254": "utf-16le", "254,255": "utf-16be" }[bytes.slice(0, 2)] ?? "utf-8";
  try { return new TextDecoder(encoding, { fatal: true }).decode(bytes); } catch { return null; }
}

// Rows of cells, at most so many, each with the line it began in; quotes may hold line breaks, as RFC 4180 has it. `torn`:
// a quote in it is never closed, or has more behind it, so that it may hold further lines.
export function cells(text, delimiter = ",", most = Infinity) {
  const rows = [];
  let row = [], cell = "", quoted = false, closed = false, torn = false, line = 1, began = 1;
  const endCell = () => { row.push(cell); [cell, closed] = ["", false]; };
  const endRow = () => {
    endCell();
    if (row.some((one) => one.trim())) rows.push({ line: began, cells: row.map((one) => one.trim()), torn });
    [row, torn, began] = [[], false, line];
  };
  for (let at = 0; at < text.length && rows.length < most; at++) {
    const character = text[at];
    if (character === "\n") line++;
    if (quoted && character === '"' && text[at + 1] === '"') { cell += '"'; at++; }
    else if (character === '"' && quoted) [quoted, closed] = [false, true];
    else if (character === '"' && !closed && !cell.trim()) [quoted, cell] = [true, ""];
    else if (!quoted && character === delimiter) endCell();
    else if (!quoted && character === "\n") endRow();
    else if (character !== "\r" || quoted) { cell += character; torn ||= closed && !!character.trim(); }
  }
  began = row.length || cell ? began : line;
  torn ||= quoted;
  endRow();
  return rows;
}

// The way numbers are written in spreadsheets, letters and address books, as the API takes them. With a (0), which is dialled
// within its country only, or not even that, it is none; nor as a decimal (.0), nor with a line break, behind which comes another.
export const plain = (number) => number.replace(/[\t\p{Zs}\p{Cf}\p{Pd}]|(?<=\..*)\.|\.(?!0+\s*$)|\((?!\s*0\s*\))|(?<!\(\s*0\s*)\)/gu, "").replace(/^('|tel:)/i, "");
export const numbersOf = (text) => text.split(/[\n,;\t]|\s(?=[\s\p{Cf}]*(?:tel:)?\+)/iu).map(plain).filter(Boolean);

// Without the apostrophe by which a spreadsheet keeps what is no formula.
const bare = (cell) => cell.replace(/^'(?=[=+@\-＝＋－＠])/, "");
const named = (cell) => cell.toLowerCase().replace(/[\s_-]+/g, "_");
const isNumber = (cell) => NUMBER.test(named(cell));

// What stands between cells: that by which the first line names a column of numbers, or begins with one.
function delimiterOf(text) {
  const fits = (one) => cells(text, one, 1)[0]?.cells.some((cell, at) => isNumber(cell) || (at === 0 && E164.test(plain(cell))));
  return ["\t", ";", ","].find(fits) ?? ",";
}

export function readRecipients(text) {
  const clean = text.replace(/^\uFEFF/, "");
  const rows = cells(clean, delimiterOf(clean));
  const head = rows[0]?.cells ?? [];
  const found = head.findIndex(isNumber);
  const names = found >= 0 ? head : [];
  const at = Math.max(found, 0);
  const recipients = [], faults = [];
  for (const { line, cells: row, torn } of found >= 0 && !rows[0].torn ? rows.slice(1) : rows) {
    const number = plain(row[at] ?? "");
    if (torn) faults.push({ line, text: row.join(" "), told: "A quote in this line is never closed, or has more behind it." });
    else if (!number) faults.push({ line, text: row.join(" "), told: "No number in this line." });
    else if (!E164.test(number)) faults.push({ line, text: row[at], told: "Not a number with + and its country's code." });
    else recipients.push({ line, ...recipient(number, names, row, at) });
  }
  return { recipients, faults };
}

// Each once, of all requests that they are sent in: those of one campaign are the same whose number and id are.
export function distinct(recipients, but = []) {
  const same = ({ to_number, external_id = "" }) => `${to_number} ${external_id}`;
  const seen = new Set(but.map(same));
  return recipients.filter((one) => !seen.has(same(one)) && seen.add(same(one)));
}

function recipient(number, names, row, at) {
  const own = { to_number: number }, variables = {};
  names.forEach((name, column) => {
    const value = bare(row[column] ?? "");
    if (column === at || value === "") return;
    const [key, word] = [named(name), name.replace(/[\s-]+/g, "_")];
    if (OWN.has(key)) own[key] = value;
    else if (VARIABLE.test(word)) variables[word] = value;
  });
  return { ...own, variables };
}
