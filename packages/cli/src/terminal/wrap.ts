/** Text in lines of a width, cut at spaces where there are any. */

/** Lines of at most `width` characters; a longer word is cut. `text` has no colours and no line ends. */
export function wrapText(text: string, width: number): string[] {
  const room = Math.max(1, width);
  if (text.length <= room) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    let rest = word;
    if (line !== "" && line.length + 1 + rest.length <= room) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== "") lines.push(line);
    for (; rest.length > room; rest = rest.slice(room)) lines.push(rest.slice(0, room));
    line = rest;
  }
  return [...lines, line];
}
