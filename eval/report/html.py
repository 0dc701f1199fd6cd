"""Small pieces of a self-contained HTML page: no script, no font, nothing that a browser would fetch."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #222;
       background: #fff; margin: 0 auto; max-width: 70rem; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .6rem; border-bottom: 1px solid #ccc; padding-bottom: .25rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
p, li { max-width: 46rem; }
.lead { color: #555; margin-top: 0; }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.4rem 0; }
.tile { border: 1px solid #ccc; border-radius: 6px; padding: .7rem 1rem; min-width: 10.5rem; }
.tile b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile span { color: #555; font-size: .85rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; margin: .6rem 0 1rem; }
caption { text-align: left; color: #555; padding-bottom: .3rem; }
th, td { padding: .3rem .55rem; vertical-align: top; text-align: right;
          border-bottom: 1px solid #e3e3e3; white-space: nowrap; }
th { font-weight: 600; border-bottom: 2px solid #999; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
td small { color: #666; display: block; font-size: .78em; line-height: 1.15; }
td.text { white-space: normal; min-width: 18rem; text-align: left; }
figure { margin: 1rem 0 1.5rem; }
figure img { max-width: 100%; height: auto; }
figcaption { color: #555; font-size: .88rem; max-width: 46rem; }
.error { border-left: 4px solid #ccc; padding: .1rem 0 .1rem .9rem; margin: 1rem 0; }
.error p { margin: .15rem 0; }
.meta { color: #555; font-size: .85rem; }
.before { color: #777; }
.badge { display: inline-block; border-radius: 3px; padding: 0 .45em; color: #fff; font-size: .85em; }
.fact { background: #666; } .quote { background: #0072B2; } .threat { background: #B54E00; }
.forecast { background: #007A5A; }
pre { background: #f4f4f4; padding: .7rem 1rem; overflow-x: auto; border-radius: 6px; font-size: .85rem; }
@media print { body { max-width: none; } .error, figure { break-inside: avoid; } }
"""


@dataclass(frozen=True, slots=True)
class Markup:
    """Text that is HTML already; everything else is escaped."""

    html: str


Cell: TypeAlias = "str | int | Markup"


def render(value: Cell) -> str:
    """Return the HTML of a value; plain text is escaped."""
    return value.html if isinstance(value, Markup) else escape(str(value))


def table(headers: Sequence[Cell], rows: Sequence[Sequence[Cell]], caption: str = "") -> str:
    """Return a table; the first column is left-aligned, the others right-aligned."""
    head = "".join(f'<th scope="col">{render(h)}</th>' for h in headers)
    body = "".join("<tr>" + "".join(f"<td>{render(c)}</td>" for c in row) + "</tr>" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<div class="wide"><table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def figure(png: bytes, alt: str, caption: str) -> str:
    """Return an image with its bytes inline."""
    data = base64.b64encode(png).decode("ascii")
    # A PNG's width stands in bytes 16 to 19; the plots are drawn at 150 dots an inch, a page has 96.
    width = int.from_bytes(png[16:20], "big") * 96 // 150
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{escape(alt)}" width="{width}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def section(title: str, *parts: str) -> str:
    """Return a section; nothing if it has no content."""
    body = "\n".join(p for p in parts if p)
    return f"<section><h2>{escape(title)}</h2>\n{body}\n</section>" if body else ""


def paragraph(text: str) -> str:
    """Return a paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def badge(label: str) -> Markup:
    """Return a label's name on its colour."""
    return Markup(f'<span class="badge {escape(label)}">{escape(label)}</span>')


def page(title: str, *sections: str) -> str:
    """Return a whole page."""
    body = "\n".join(s for s in sections if s)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
